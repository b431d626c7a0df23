import json
import pickle
import tarfile
import zipfile

import lxml.etree
import numpy as np
import torch
import yaml


def pickles(data, stream, value):
    # catches: py-pickle-load
    first = pickle.loads(data)
    # catches: py-pickle-load
    second = pickle.load(stream)
    # passes: py-pickle-load
    third = json.loads(data)
    # passes: py-pickle-load
    return first, second, third, pickle.dumps(value)


def copies(value):
    # passes: py-pickle-load
    return pickle.loads(pickle.dumps(value))


def texts(stream):
    # catches: py-yaml-unsafe-load
    first = yaml.load(stream, Loader=yaml.Loader)
    # catches: py-yaml-unsafe-load
    second = yaml.load(stream)
    # passes: py-yaml-unsafe-load
    third = yaml.safe_load(stream)
    # passes: py-yaml-unsafe-load
    return first, second, third, yaml.load(stream, Loader=yaml.SafeLoader)


def models(path):
    # catches: py-torch-load-objects
    first = torch.load(path, weights_only=False)
    # passes: py-torch-load-objects
    return first, torch.load(path, weights_only=True)


def arrays(path):
    # catches: py-numpy-load-objects
    first = np.load(path, allow_pickle=True)
    # passes: py-numpy-load-objects
    return first, np.load(path)


def documents():
    # catches: py-xml-external-entities
    first = lxml.etree.XMLParser(resolve_entities=True)
    # passes: py-xml-external-entities
    return first, lxml.etree.XMLParser(resolve_entities=False)


def unpack(path, folder):
    with tarfile.open(path) as archive:
        # catches: py-tar-extract-unfiltered
        archive.extractall(folder)


def unpack_filtered(path, folder):
    with tarfile.open(path) as archive:
        # passes: py-tar-extract-unfiltered
        archive.extractall(folder, filter="data")
    with zipfile.ZipFile(path) as other:
        # passes: py-tar-extract-unfiltered
        other.extractall(folder)
