() => {
  // What the page does by itself, without the server: show a source, draw its page, read a document, size and contrast of the
  // text, reading aloud, handing over files. Buttons say what they do in data-do; window.library holds the server's functions.
  const shown = () => document.querySelector("#sources section.turn:not([hidden])");
  const cards = () => [...(shown()?.querySelectorAll(".source") ?? [])];
  const language = navigator.language.startsWith("en") ? "en" : "ko";
  const place = (card, page) => [card.dataset.path, +card.dataset.start, +card.dataset.end, ...(page ? [+card.dataset.page] : [])];

  function bring(card) {
    card.scrollIntoView({ behavior: "auto", block: "nearest" });
    card.querySelector("td.answer, tr.marked")?.scrollIntoView({ behavior: "auto", block: "nearest", inline: "nearest" }); // of a long table
  }

  async function show(card) {
    const turn = card.closest("section.turn");
    document.querySelectorAll("#sources section.turn").forEach((other) => (other.hidden = other !== turn));
    document.querySelectorAll(".source.flash").forEach((other) => other.classList.remove("flash"));
    card.classList.add("flash");
    bring(card);
    card.focus({ preventScroll: true });
    const picture = card.querySelector(".picture");
    if (!card.dataset.page || picture.firstChild || card.dataset.drawing) return;
    card.dataset.drawing = "1";
    const drawn = await window.library.draw(place(card, true));
    delete card.dataset.drawing;
    if (!drawn.picture) { picture.textContent = drawn.error[language]; return; }
    const image = new Image();
    image.alt = picture.dataset.label;
    image.src = drawn.picture;
    picture.replaceChildren(image);
    image.tabIndex = 0;
    image.dataset.do = "enlarge";
    await image.decode();
    picture.scrollTop = Math.max(0, (drawn.top ?? 0) * image.height - picture.clientHeight / 3);
    bring(card);
  }

  function dialog(content) {
    const box = document.createElement("dialog");
    box.className = "reader";
    const close = document.createElement("button");
    close.textContent = "✕";
    close.setAttribute("aria-label", { en: "Close", ko: "닫기" }[language]);
    close.onclick = () => box.close();
    box.onclose = () => box.remove();
    box.onclick = (event) => event.target === box && box.close();
    box.append(close, content);
    (document.querySelector(".gradio-container") ?? document.body).append(box);
    box.showModal();
    box.querySelector("mark")?.scrollIntoView({ block: "center" });
  }

  async function read(card) {
    const text = document.createElement("div");
    const found = await window.library.read(place(card));
    if (found.html) text.innerHTML = found.html; else text.textContent = found.error[language];
    dialog(text);
  }

  async function copy(button, words) {
    const status = button.parentElement.querySelector("[role=status]");
    status.textContent = ""; // what is said twice is read out twice
    await window.toClipboard(words);
    status.textContent = status.dataset.copied;
  }

  // A table as a spreadsheet takes it, merged cells in every place that they cover, as they are shown: so each row keeps its labels when
  // it is sorted or filtered. A cell in straight quotes would swallow those behind it, and what a document wrote is no formula.
  function separated(table) {
    const field = (cell) => (cell.querySelector("mark") ?? cell).textContent.replace(/\s+/g, " ").trim()
      .replace(/^".*/, (said) => `"${said.replaceAll('"', '""')}"`)
      .replace(/^[=+\-@](?![\d.,\s]*%?$)/, "'$&");
    return [...table.rows].map((row) => [...row.cells].map(field).join("\t")).join("\n");
  }

  function step(by) {
    const all = cards();
    if (!all.length) return;
    const at = all.findIndex((card) => card.classList.contains("flash"));
    show(all[at < 0 ? 0 : (at + by + all.length) % all.length]);
  }

  // Gradio calls the examples a list, though they are buttons: a screen reader would announce a list without items
  // and its filter of the documents and its notices speak English only
  const titles = { Info: "알림", Warning: "주의", Error: "오류", Success: "알림" };
  function speakKorean() {
    document.querySelectorAll('#documents input[placeholder="Filter..."]').forEach((box) => (box.placeholder = "찾기 …"));
    document.querySelectorAll('[data-testid="toast-close"]').forEach((button) => button.setAttribute("aria-label", "닫기"));
    document.querySelectorAll(".toast-title").forEach(({ firstChild: title }) => (title.data = `${titles[title.data.trim()] ?? title.data.trim()} `));
  }
  new MutationObserver(() => {
    document.querySelectorAll('.examples[role="list"]').forEach((list) => list.setAttribute("role", "group"));
    if (language === "ko") speakKorean();
  }).observe(document.body, { childList: true, subtree: true });

  // the look, kept in this browser
  const root = document.documentElement;
  const look = { zoom: 1, contrast: false, dark: null, ...JSON.parse(localStorage.getItem("look") ?? "{}") };
  function wear() {
    root.style.setProperty("--zoom", look.zoom);
    document.body.classList.toggle("high-contrast", look.contrast);
    if (look.dark !== null) document.body.classList.toggle("dark", look.dark);
    localStorage.setItem("look", JSON.stringify(look));
  }
  wear();

  const deeds = {
    previous: () => step(-1),
    next: () => step(1),
    read: (button) => read(button.closest(".source")),
    copy: (button) => copy(button, button.closest(".source").dataset.reference),
    table: (button) => copy(button, separated(button.closest(".source").querySelector("table"))),
    enlarge: (image) => dialog(image.cloneNode()),
    smaller: () => { look.zoom = Math.max(0.8, +(look.zoom - 0.1).toFixed(1)); wear(); },
    larger: () => { look.zoom = Math.min(2, +(look.zoom + 0.1).toFixed(1)); wear(); },
    contrast: () => { look.contrast = !look.contrast; wear(); },
    dark: () => { look.dark = !document.body.classList.contains("dark"); wear(); },
  };
  const cited = (target) => {
    const link = target.closest?.('a[href*="#source-"]');
    return link && [link, document.getElementById(link.getAttribute("href").split("#")[1])];
  };
  document.addEventListener("click", (event) => {
    const [link, card] = cited(event.target) ?? [];
    if (link) { event.preventDefault(); if (card) show(card); return; }
    const button = event.target.closest("[data-do]");
    if (button) deeds[button.dataset.do]?.(button);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select, [contenteditable]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "[") step(-1);
    if (event.key === "]") step(1);
    if (event.key === "Enter" && event.target.dataset?.do === "enlarge") deeds.enlarge(event.target);
  });

  // where files that are uploaded stand in their folder, which Gradio does not tell, in its order
  let places = [];
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (input.type !== "file") return;
    if (!input.dropped) places = [...input.files].map((file) => file.webkitRelativePath || file.name);
    input.dropped = false;
  }, true);
  window.places = () => JSON.stringify(places);
  window.focusOn = (button) => document.querySelector(button)?.focus(); // of a question that was just asked

  // a folder that is dropped on the box for files: Gradio takes files only, so hand it those within
  async function within(entry) {
    if (entry.name.startsWith(".")) return [];
    if (entry.isFile) return [[entry.fullPath, await new Promise((done, failed) => entry.file(done, failed))]];
    const reader = entry.createReader(), found = [];
    for (;;) { // a reader gives a hundred at a time
      const some = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!some.length) return (await Promise.all(found.map(within))).flat();
      found.push(...some);
    }
  }
  document.addEventListener("drop", async (event) => {
    const input = event.target.closest?.("#upload")?.querySelector("input[type=file]");
    const entries = [...(event.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    places = [...(event.dataTransfer?.files ?? [])].map((file) => file.name);
    if (!input || !entries.some((entry) => entry.isDirectory)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const transfer = new DataTransfer();
    const found = (await Promise.all(entries.map(within))).flat();
    found.forEach(([, file]) => transfer.items.add(file));
    places = found.map(([path]) => path);
    input.dropped = true;
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }, true);

  // the quote behind a number, while it is pointed at or has the focus
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  const point = (event) => {
    const [link, card] = cited(event.target) ?? [];
    tip.hidden = !card;
    if (!card) return;
    tip.textContent = card.dataset.reference;
    const at = link.getBoundingClientRect();
    tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${at.bottom + tip.offsetHeight + 12 > innerHeight ? at.top - tip.offsetHeight - 6 : at.bottom + 6}px`;
  };
  document.addEventListener("mouseover", point);
  document.addEventListener("focusin", point);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });

  window.toClipboard = (words) => {
    if (!words) return;
    if (navigator.clipboard) return navigator.clipboard.writeText(words);
    const area = Object.assign(document.createElement("textarea"), { value: words }); // where the page is not served over TLS
    const focused = document.activeElement;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    focused?.focus({ preventScroll: true });
  };
  window.handOver = (file) => {
    if (!file) return;
    const [name, content] = JSON.parse(file);
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([bytes])), download: name });
    link.click();
    URL.revokeObjectURL(link.href);
  };
  window.readAloud = () => {
    // only voices of this computer: others would send the words away
    if (speechSynthesis.speaking) return speechSynthesis.cancel();
    const answer = [...document.querySelectorAll("#chat .bot")].pop()?.cloneNode(true);
    if (!answer) return;
    answer.querySelectorAll("small, details, a.cite, button").forEach((part) => part.remove());
    const said = new SpeechSynthesisUtterance(answer.innerText.trim());
    said.lang = /[가-힣]/.test(said.text) ? "ko-KR" : "en-US";
    const own = speechSynthesis.getVoices().filter((voice) => voice.localService);
    said.voice = own.find((voice) => voice.lang.startsWith(said.lang.slice(0, 2))) ?? own[0] ?? null;
    window.lastSpoken = said.text;
    if (said.voice) speechSynthesis.speak(said);
    else alert({ en: "This computer has no voice of its own to read with.", ko: "이 컴퓨터에 소리로 읽어 줄 목소리가 없습니다." }[language]);
  };
}
