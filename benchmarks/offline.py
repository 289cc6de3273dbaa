"""The proof that nothing is sent anywhere: the whole life of the program, in a network namespace with
loopback only, under strace.

    python benchmarks/offline.py

Start, read the documents, ask on the command line, open the page in a browser, ask there, meet an error,
stop – with a new HOME, an empty cache and proxy and tracing variables that point outside. Every connect,
sendto and sendmsg of the program and its children is looked at; the browser has its own list of requests.
Before that, a canary tries to reach another machine in the same way and must be caught. Needs Linux,
`unshare` and `strace`; the models must be there. Exit 0: nothing was tried; 1: something was; 2: the proof
cannot be made on this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORT = 7897
_CALL = re.compile(r"\b(connect|sendto|sendmsg)\((.*)")
_OURS = re.compile(r"AF_UNIX|AF_NETLINK|sin_addr=inet_addr\(\"127\.|inet_pton\(AF_INET6, \"::1\"|AF_UNSPEC")
_ADDRESS = re.compile(r"sa_family=AF_INET6?")


def foreign(trace: str) -> list[str]:
    """Return the calls of a trace that name an address other than this machine."""
    calls = [match[0] for match in map(_CALL.search, trace.splitlines()) if match]
    return [call for call in calls if _ADDRESS.search(call) and not _OURS.search(call)]


def traced(command: list[str], name: str) -> list[str]:
    """Return a command that is watched: every attempt to connect or send goes into a file of the folder
    OFFLINE_TRACES.
    """
    return [
        "strace",
        "-f",
        "-qq",
        "-e",
        "trace=connect,sendto,sendmsg",
        "-o",
        f"{os.environ['OFFLINE_TRACES']}/{name}",
        *command,
    ]


def life() -> None:
    """Inside the namespace: everything a person does, in a browser."""
    import httpx
    from playwright.sync_api import sync_playwright

    # a shell starts what it puts in the background without Ctrl-C, and children take that over
    signal.signal(signal.SIGINT, signal.default_int_handler)
    data = os.environ["OFFLINE_DATA"]
    script = (
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ntry: s.sendto(b'x', "
        "('192.0.2.1', 9))\nexcept OSError: pass"
    )
    if subprocess.run(traced([sys.executable, "-c", script], "canary")).returncode:
        raise SystemExit(2)
    run = [sys.executable, "-m", "rag"]
    for number, arguments in enumerate(
        (
            ["doctor"],
            ["sync", "--data", data],
            ["ask", "H100 한 장의 가격은 얼마인가요?", "--data", data, "--json"],
            ["ask", "", "--data", data],
        )
    ):
        done = subprocess.run(
            traced([*run, *arguments], f"{number}-{arguments[0]}"), capture_output=True, text=True, cwd=ROOT
        )
        print(f"{arguments[0]}: exit {done.returncode}", flush=True)
        if arguments[0] == "ask" and arguments[1] and "5천만" not in done.stdout:
            raise SystemExit(f"no right answer: {done.stdout[:500]}{done.stderr[-500:]}")
    command = traced([sys.executable, "app.py", "--data", data, "--port", str(PORT)], "page")
    program = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(240):
            try:
                httpx.get(f"http://127.0.0.1:{PORT}", timeout=1)
                break
            except httpx.HTTPError:
                time.sleep(0.5)
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if chromium:
            with sync_playwright() as playwright:
                # the browser is not watched by strace, since it looks for networks by itself: what the page
                # makes it ask is listed
                flags = [
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--no-proxy-server",
                ]
                page = playwright.chromium.launch(executable_path=chromium, args=flags).new_page(
                    locale="ko-KR"
                )
                asked: list[str] = []
                page.on("request", lambda request: asked.append(request.url))
                page.goto(f"http://127.0.0.1:{PORT}")
                page.locator("#question textarea").wait_for(timeout=60_000)
                page.wait_for_function(
                    "document.querySelector('#status')?.innerText.includes('준비되었습니다')", timeout=240_000
                )
                page.locator("#question textarea").fill("소버린 AI란 무엇인가요?")
                page.keyboard.press("Enter")
                page.locator("#chat a.cite").first.wait_for(timeout=240_000)
                outside = [
                    url for url in asked if not url.startswith((f"http://127.0.0.1:{PORT}", "data:", "blob:"))
                ]
                print(
                    f"the page asked {len(asked)} times, {len(outside)} of them elsewhere {outside[:5]}",
                    flush=True,
                )
                if outside:
                    raise SystemExit(1)
    finally:
        for child in subprocess.run(
            ["pgrep", "-P", str(program.pid)], capture_output=True, text=True
        ).stdout.split():
            os.kill(int(child), signal.SIGINT)  # as Ctrl-C; strace ends with it
        program.wait(60)


def main() -> int:
    if not (shutil.which("unshare") and shutil.which("strace") and shutil.which("ip")):
        print("This machine lacks unshare, strace or ip: the proof cannot be made here.")
        return 2
    with tempfile.TemporaryDirectory() as base:
        hostile = dict.fromkeys(
            ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
            "http://192.0.2.1:9",
        )
        hostile |= {
            "LANGCHAIN_TRACING_V2": "true",
            "LANGSMITH_TRACING": "true",
            "LANGCHAIN_API_KEY": "x",
            "LANGSMITH_ENDPOINT": "http://192.0.2.1:9",
        }
        hostile |= {
            "HOME": base,
            "XDG_CACHE_HOME": f"{base}/cache",
            "OFFLINE_DATA": f"{base}/data",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        models = os.environ.get("RAG_MODELS_DIR", str(ROOT / "models"))
        environment = {**os.environ, **hostile, "RAG_MODELS_DIR": models}
        traces = Path(base, "traces")
        traces.mkdir()
        environment |= {"OFFLINE_TRACES": str(traces)}
        begun = time.perf_counter()
        inside = f"ip link set lo up && exec '{sys.executable}' '{__file__}' --life"
        code = subprocess.run(["unshare", "-rn", "sh", "-c", inside], env=environment, cwd=ROOT).returncode
        if not (traces / "canary").exists():
            print("No network namespace or no strace is allowed here: the proof cannot be made.")
            return 2
        tried = {
            file.name: foreign(file.read_text(encoding="utf-8", errors="replace"))
            for file in sorted(traces.iterdir())
        }
        caught = tried.pop("canary")
        calls = sum(
            len(_CALL.findall(file.read_text(encoding="utf-8", errors="replace")))
            for file in traces.iterdir()
        )
        elsewhere = sum(map(len, tried.values()))
        seconds = round(time.perf_counter() - begun)
        print(
            json.dumps(
                {
                    "exit": code,
                    "seconds": seconds,
                    "calls": calls,
                    "canary caught": len(caught),
                    "elsewhere": elsewhere,
                }
            )
        )
        for name, found in tried.items():
            for call in found[:10]:
                print(f"{name}: {call[:200]}")
        return 1 if elsewhere or code or not caught else 0


if __name__ == "__main__":
    if "--life" in sys.argv:
        life()
    else:
        sys.exit(main())
