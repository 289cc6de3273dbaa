"""How long a person waits at the window: from a click on [n] to the source shown, text and drawn page, 20
times each, and from the start of the program to a page that can be seen.

    python benchmarks/window.py
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from rag.config import ROOT

N = 20
PORT = 7899
_CLICK = """async (drawn) => {
  const card = document.getElementById('source-0-1'), picture = card.querySelector('.picture');
  if (drawn) picture.replaceChildren();
  card.classList.remove('flash');
  const begun = performance.now();
  document.querySelector('#chat a.cite').click();
  while (!card.classList.contains('flash') || (drawn && !picture.querySelector('img')?.complete)) await new Promise(requestAnimationFrame);
  return performance.now() - begun;
}"""


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        begun = time.perf_counter()
        program = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--data", data, "--port", str(PORT)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{PORT}"
            while not _answers(address):
                time.sleep(0.1)
            print(f"start of the program to a page served: {time.perf_counter() - begun:.1f} s")
            page = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]).new_page(
                locale="ko-KR"
            )
            page.goto(address)
            page.wait_for_function(
                "document.querySelector('#status')?.innerText.includes('준비되었습니다')", timeout=300_000
            )
            page.locator("#question textarea").fill("딥시크 R1의 가장 큰 모델은 매개변수가 몇 개인가요?")
            page.keyboard.press("Enter")
            page.locator("#chat a.cite").first.wait_for(timeout=120_000)
            page.wait_for_timeout(2000)
            for name, drawn in (("the source's text", False), ("the page drawn, the quote marked", True)):
                first = page.evaluate(_CLICK, drawn)
                times = sorted(page.evaluate(_CLICK, drawn) for _ in range(N))
                print(
                    f"click to {name}: median {statistics.median(times):.0f} ms, p95 "
                    f"{times[int(0.95 * N) - 1]:.0f} ms of {N}; the first {first:.0f} ms"
                )
        finally:
            program.terminate()
            program.wait(30)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
