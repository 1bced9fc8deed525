"""Verifies deliveries with two libraries: one JSON object per line, with secrets, headers and body. Answers a line each."""

import json
import sys

import standardwebhooks
import svix

for line in sys.stdin:
    delivery = json.loads(line)
    for secret in delivery["secrets"]:
        for library in (standardwebhooks, svix):
            headers = delivery["headers"]
            event = library.Webhook(secret).verify(delivery["body"], headers)
            assert event is None or event == json.loads(delivery["body"]), event
        for library in (standardwebhooks, svix):
            try:
                library.Webhook(secret).verify(delivery["body"] + " ", delivery["headers"])
            except library.webhooks.WebhookVerificationError:
                continue
            raise AssertionError("a changed body was accepted")
    print("verified", flush=True)
