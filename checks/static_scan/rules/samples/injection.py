import asyncio
import os
import shlex
import subprocess
from html import escape

import flask
import jinja2
import ldap.filter
import requests
from django.utils.safestring import mark_safe
from flask import redirect, request
from werkzeug.utils import secure_filename

ORDERS = {"name": "name ASC"}


def sql_concatenated(connection, name):
    # catches: py-sql-built-from-input
    return connection.execute("SELECT id FROM users WHERE name = '" + name + "'")


def sql_collected(connection, tenant, text=None):
    where = ["tenant = ?"]
    if text:
        where.append(f"text = '{text}'")
    # catches: py-sql-built-from-input
    return connection.execute("SELECT id FROM notes WHERE " + " AND ".join(where), (tenant,))


def sql_percent(cursor, day):
    statement = "DELETE FROM visits WHERE day = '%s'" % day
    # catches: py-sql-built-from-input
    cursor.execute(statement)


def sql_bound(connection, name):
    # passes: py-sql-built-from-input
    return connection.execute("SELECT id FROM users WHERE name = ?", (name,))


def sql_order_from_table(connection, order):
    # passes: py-sql-built-from-input
    return connection.execute(f"SELECT id FROM users ORDER BY {ORDERS[order]}")


def sql_checked(connection, order):
    if order not in ("name", "id"):
        raise ValueError(order)
    # passes: py-sql-built-from-input
    return connection.execute(f"SELECT id FROM users ORDER BY {order}")


def sql_placeholders(connection, ids):
    marks = ",".join("?" for _ in ids)
    # passes: py-sql-built-from-input
    return connection.execute(f"SELECT name FROM users WHERE id IN ({marks})", ids)


def sql_percent_pair(cursor, name, day):
    # catches: py-sql-built-from-input
    cursor.execute("DELETE FROM visits WHERE name = '%s' AND day = '%s'" % (name, day))


def sql_collected_bound(connection, tenant, ids=()):
    where, values = ["tenant = ?"], [tenant]
    if ids:
        where.append("id IN (%s)" % ", ".join("?" for _ in ids))
        values.extend(ids)
    # passes: py-sql-built-from-input
    return connection.execute(f"SELECT 1 FROM notes WHERE {' AND '.join(where)}", values)


def sql_number(connection, version: int):
    # passes: py-sql-built-from-input
    connection.execute(f"PRAGMA user_version = {version}")


def sql_handed_through(connection, statement, values=()):
    # passes: py-sql-built-from-input
    return connection.execute(statement, values)


def sql_own_table(connection, table):
    # passes: py-sql-built-from-input
    return connection.execute(f"SELECT count(*) FROM {table}")


def command_in_shell(path):
    # catches: py-command-built-from-input
    return subprocess.run(f"wc -l {path}", shell=True, check=True)


def command_system(folder):
    command = "du -s " + folder
    # catches: py-command-built-from-input
    os.system(command)


async def command_async(name):
    # catches: py-command-built-from-input
    await asyncio.create_subprocess_shell("ping -c 1 {}".format(name))


def command_list(path):
    # passes: py-command-built-from-input, py-shell-variable
    return subprocess.run(["wc", "-l", path], check=True)


def command_quoted(path):
    # passes: py-command-built-from-input
    return subprocess.run(f"wc -l {shlex.quote(path)} | tail -1", shell=True, check=True)


def command_constant():
    # passes: py-command-built-from-input, py-shell-variable
    return subprocess.run("sort names.txt | uniq", shell=True, check=True)


def command_variable():
    command = os.environ["EDITOR"] + " notes.txt"
    # catches: py-shell-variable
    subprocess.call(command, shell=True)


def code_evaluated(formula):
    # catches: py-code-from-text
    return eval(formula)


def code_executed(path):
    # catches: py-code-from-text
    exec(open(path).read())


def code_constant():
    # passes: py-code-from-text
    return eval("1 + 1")


def code_of_frame(frame):
    # passes: py-code-from-text
    return frame.eval("price * 2")


def template_built(name):
    # catches: py-template-from-input
    return flask.render_template_string("<p>Hello " + name + "</p>")


def template_constant(name):
    # passes: py-template-from-input
    return jinja2.Template("<p>Hello {{ name }}</p>").render(name=name)


def markup_built(name):
    # catches: py-markup-from-input
    return mark_safe(f"<b>{name}</b>")


def markup_escaped(name):
    # passes: py-markup-from-input
    return mark_safe(f"<b>{escape(name)}</b>")


def request_opens_file():
    name = request.args.get("name")
    # catches: py-request-value-to-sink
    return open("/srv/files/" + name).read()


def request_calls_address():
    # catches: py-request-value-to-sink
    return requests.get(request.args["url"], timeout=5).text


def request_file_checked():
    name = secure_filename(request.args["name"])
    # passes: py-request-value-to-sink
    return open("/srv/files/" + name).read()


def request_number():
    page = int(request.args["page"])
    # passes: py-request-value-to-sink
    return requests.get(f"https://api.example.com/pages/{page}", timeout=5).json()


def redirect_anywhere():
    # catches: py-open-redirect
    return redirect(request.args["next"])


def redirect_home():
    # passes: py-open-redirect
    return redirect("/home")


def ldap_built(connection, name):
    # catches: py-ldap-filter-built-from-input
    return connection.search_s("dc=example", 2, f"(uid={name})")


def ldap_escaped(connection, name):
    name = ldap.filter.escape_filter_chars(name)
    # passes: py-ldap-filter-built-from-input
    return connection.search_s("dc=example", 2, f"(uid={name})")


def xpath_built(tree, name):
    # catches: py-xpath-built-from-input
    return tree.xpath(f"//user[@name='{name}']")


def xpath_variable(tree, name):
    # passes: py-xpath-built-from-input
    return tree.xpath("//user[@name=$name]", name=name)


def patterns_of_requests(request):
    # catches: py-pattern-from-request
    first = re.search(request.args["q"], "text")
    # passes: py-pattern-from-request
    second = re.search(re.escape(request.args["q"]), "text")
    return first, second


def queries_of_requests(request, users):
    # catches: py-query-operator-from-request
    first = users.find_one(request.json)
    # passes: py-query-operator-from-request
    second = users.find_one({"name": str(request.json["name"])})
    return first, second


def escaping():
    # catches: py-autoescape-off
    first = jinja2.Environment(autoescape=False)
    # passes: py-autoescape-off
    second = jinja2.Environment(autoescape=True)
    return first, second
