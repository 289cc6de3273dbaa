"""Take the pictures of the page that README shows, from the running program with its real models.

python benchmarks/tour.py [--out docs/tour]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import CHROMIUM, FLAGS, free_port
from playwright.sync_api import Page, sync_playwright

from rag.config import Settings

DONE = "text=/전체 [\\d.]+초|all [\\d.]+ s/"


def ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    answer = page.locator("#chat .bot").last
    page.wait_for_timeout(1500)
    answer.locator(DONE).last.wait_for(timeout=180_000)
    page.wait_for_timeout(500)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=str(ROOT / "docs" / "tour"))
    out = Path(parser.parse_args().out)
    out.mkdir(parents=True, exist_ok=True)
    from rag.ui import serve

    with tempfile.TemporaryDirectory() as temporary:
        documents = Path(temporary, "documents")
        shutil.copytree(ROOT / "documents", documents)
        (documents / "스캔.pdf").write_bytes(b"%PDF-1.7 broken")
        port = free_port()
        blocks, _assistant, startup = serve(
            Settings.load(documents=documents, data=Path(temporary, "data"), port=port), block=False
        )
        while startup.status.busy:
            time.sleep(0.5)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)

            def opened(locale: str, width: int, height: int, scheme: str = "light") -> Page:
                context = browser.new_context(
                    locale=locale, viewport={"width": width, "height": height}, color_scheme=scheme
                )
                page = context.new_page()
                page.goto(f"http://127.0.0.1:{port}")
                page.locator("#heading h1").wait_for(timeout=60_000)
                page.wait_for_timeout(1500)
                return page

            page = opened("ko-KR", 1366, 768)
            ask(page, "딥시크 R1의 가장 큰 모델은 매개변수가 몇 개이며, 훈련에 든 돈은 얼마인가요?")
            page.locator("#chat .bot").last.locator("a.cite").first.click()
            page.wait_for_timeout(2500)
            page.screenshot(path=out / "ask-ko.png")
            page.get_by_role("tab", name="문서").click()
            page.wait_for_timeout(2000)
            page.screenshot(path=out / "library-ko.png")
            page.get_by_role("tab", name="한눈에").click()
            page.wait_for_timeout(4000)
            page.screenshot(path=out / "overlook-ko.png")
            page = opened("en-US", 1366, 768)
            ask(page, "How many parameters does the largest DeepSeek R1 model have?")
            page.locator("#chat .bot").last.locator("a.cite").first.click()
            page.wait_for_timeout(2500)
            page.screenshot(path=out / "ask-en.png")
            page = opened("ko-KR", 390, 844, "dark")
            ask(page, "가온시 배움터의 2025년 2분기 이용자는 몇 명인가요?")
            page.screenshot(path=out / "phone-ko.png")
            page = opened("en-US", 390, 844)
            ask(page, "How much does one H100 cost?")
            page.screenshot(path=out / "phone-en.png")
            browser.close()
        blocks.close()
        startup.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
