import fastratesparser


def read(text):
    return fastratesparser.loads(text)
