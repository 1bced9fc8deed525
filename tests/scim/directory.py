"""Starts a server with a directory: prints the process id, the URL of SCIM and the token."""

import json
import socket
import subprocess
import sys
import time
import urllib.request

binary, database, folder = sys.argv[1:4]
PASSWORD = "correct horse battery staple 9"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(url, query, token=None):
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{url}/graphql", json.dumps({"query": query}).encode(), headers)
    with urllib.request.urlopen(request) as response:
        answer = json.load(response)
    if answer.get("errors"):
        sys.exit(json.dumps(answer))
    return answer["data"]


def wait_for(url):
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/readyz").close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("the server does not start")


create = ["user", "create", "admin@example.com", "--role", "administrator", "--password-stdin"]
subprocess.run([binary, *create, "--database-url", database], input=PASSWORD, text=True, check=True, stdout=sys.stderr)
address = f"127.0.0.1:{free_port()}"
log = open(f"{folder}/log", "w")
serve = ["serve", "--database-url", database, "--listen", address, "--blob-url", f"file://{folder}/blobs"]
server = subprocess.Popen([binary, *serve, "--rate-limit", "0"], stdout=log, stderr=log, start_new_session=True)
url = f"http://{address}"
wait_for(url)
signed_in = ask(
    url,
    f'mutation {{ signIn(input: {{ email: "admin@example.com", password: "{PASSWORD}" }}) {{ accessToken }} }}',
)
admin = signed_in["signIn"]["accessToken"]
made = ask(
    url,
    'mutation { createIntegration(input: { name: "Tester", scopes: [PROVISION_PEOPLE] }) { integration { id } token } }',
    admin,
)["createIntegration"]
integration = made["integration"]["id"]
directory = ask(
    url,
    f'mutation {{ createDirectory(input: {{ name: "Tester", integrationId: "{integration}" }}) '
    "{ directory { baseUrl } } }",
    admin,
)["createDirectory"]["directory"]
print(server.pid, directory["baseUrl"], made["token"], sep="\n")
