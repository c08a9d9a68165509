"""Calls the admin API, and holds every answer against /openapi.json, which the relay itself gives."""

import http.client
import json
import re
import urllib.parse

import jsonschema


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.text = response.status, response.headers, body.decode()

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def detail(self):
        return self.json["detail"]


class AdminApi:
    def __init__(self, relay, token=None):
        self._address = relay.admin
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.document = None
        self.document = self.get("/openapi.json").json

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def put(self, path, body, **more):
        return self.call("PUT", path, body, **more)

    def delete(self, path, **more):
        return self.call("DELETE", path, **more)

    def call(self, method, path, body=None, headers=None, query=None, documented=True):
        """`body`: a value that becomes JSON, or bytes as they are. Asserts that the answer is as documented."""
        headers = self._headers | (headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers = {"Content-Type": "application/json"} | headers
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        connection = http.client.HTTPConnection(*self._address, timeout=60)
        try:
            connection.request(method, target, body, headers)
            response = connection.getresponse()
            answer = Answer(response, response.read())
        finally:
            connection.close()
        if documented and self.document:
            self._check(method, path, answer)
        return answer

    def operations(self):
        """(method, path, operation) of all."""
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                yield method.upper(), path, operation

    def _operation(self, method, path):
        for form, operations in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", form), path):
                return operations.get("get" if method == "HEAD" else method.lower())
        return None

    def _resolve(self, value):
        if "$ref" not in value:
            return value
        found = self.document
        for name in value["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found

    def _check(self, method, path, answer):
        operation = self._operation(method, path)
        assert operation, f"{method} {path} is not in the document"
        documented = {status: self._resolve(response) for status, response in operation["responses"].items()}
        assert str(answer.status) in documented, f"{method} {path}: {answer.status} {answer.text}"
        content = documented[str(answer.status)].get("content", {})
        given = answer.headers.get_content_type() if answer.headers.get("Content-Type") else None
        if not content:
            assert given is None and not answer.text, f"{method} {path}: {answer.text}"
            return
        assert given in content, f"{method} {path}: {given}"
        if "json" in given and method != "HEAD":
            self.validate(content[given]["schema"], answer.json)

    def validate(self, schema, value):
        # References are to the document.
        whole = {"components": self.document["components"], **schema}
        jsonschema.Draft202012Validator(whole).validate(value)
