"""A small server that answers as the APIs of GitHub and GitLab do, as far as plumbline asks, and as webhooks do. What it
does besides (limits, errors, silence) is told to it answer by answer."""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKEN = "t0ken-s3cret"


class Forge:
    def __init__(self):
        self.comments, self.issues, self.requests = [], [], []
        self.moods = []  # each is for one answer: (status, headers, "before" or "after" acting), seconds of silence, or what happens first
        forge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def answer(self, status, body, headers=()):
                data = json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def handle_any(self):
                text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                forge.requests.append((self.command, self.path, dict(self.headers), text))
                mood = forge.moods.pop(0) if forge.moods else None
                if callable(mood):  # something happens before the answer
                    mood = mood()
                if isinstance(mood, tuple) and mood[2] == "before":
                    said = f"nothing at {self.path}" if ("X-Echo", "yes") in mood[1] else "not now"
                    return self.answer(mood[0], {"message": said}, mood[1])
                status, body = forge.act(self.command, self.path, self.headers, text)
                if isinstance(mood, (int, float)):
                    time.sleep(mood)
                if isinstance(mood, tuple):
                    status, body = mood[0], {"message": "lost"}
                try:
                    headers = mood[1] if isinstance(mood, tuple) else list(body.items()) if status in (301, 307) else ()
                    self.answer(status, body, headers)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            do_GET = do_POST = do_PATCH = do_PUT = handle_any

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def page(items, query):
        size, number = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        return items[(number - 1) * size:number * size]

    def act(self, method, path, headers, text):
        parts = urlsplit(path)
        query, body = parse_qs(parts.query), json.loads(text) if text.startswith(("{", "[")) else None
        if parts.path.startswith("/hook/"):
            return 200, {"ok": True}
        if parts.path.startswith("/metrics/job/"):
            return 202, {}
        if moved := re.fullmatch(r"/repos/moved(\d+)/r/(.*)", parts.path):  # the owner has another name now
            return int(moved[1]), {"Location": f"{self.url}/repos/o/r/{moved[2]}?{parts.query}"}
        github = parts.path.startswith("/repos/")
        given = headers.get("Authorization") if github else headers.get("PRIVATE-TOKEN")
        if given not in (f"Bearer {TOKEN}", TOKEN):
            return 401, {"message": "Bad credentials"}
        text_key = "body" if github or "/notes" in parts.path else "description"
        for pattern, items in ((r"/repos/o/r/issues/7/comments|/projects/42/merge_requests/7/notes", self.comments),
                               (r"/repos/o/r/issues|/projects/42/issues", self.issues)):
            if not re.fullmatch(pattern, parts.path):
                continue
            if method == "POST":
                item = {"id": 1000 + len(items), "number": 50 + len(items), "iid": 50 + len(items), "state": "open",
                        "html_url": f"{self.url}/seen/{len(items)}", **body}
                items.append(item)
                return 201, item
            shown = items
            if "state" in query:
                shown = [item for item in items if item["state"] == "open" and query["labels"][0] in item["labels"]]
            return 200, self.page(shown, query)
        found = re.fullmatch(r"/repos/o/r/issues/comments/(\d+)|/projects/42/merge_requests/7/notes/(\d+)", parts.path)
        if found and method in ("PATCH", "PUT"):
            return self.edit(self.comments, "id", int(found[1] or found[2]), body)
        found = re.fullmatch(r"/repos/o/r/issues/(\d+)|/projects/42/issues/(\d+)", parts.path)
        if found and method in ("PATCH", "PUT"):
            if body.get("state_event") == "close":
                body = {"state": "closed"}
            return self.edit(self.issues, "number", int(found[1] or found[2]), body)
        return 404, {"message": f"Not Found {text_key}"}

    @staticmethod
    def edit(items, key, number, body):
        for item in items:
            if item[key] == number:
                item.update(body)
                return 200, item
        return 404, {"message": "Not Found"}

    def methods(self):
        return [method for method, *_ in self.requests]
