() => {
  // a click on [n] in the answer shows source n beside it, without leaving the page
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href*="#source-"]');
    if (!link) return;
    event.preventDefault();
    const card = document.getElementById(link.getAttribute("href").split("#")[1]);
    if (!card) return;
    document.querySelectorAll(".source.flash").forEach((other) => other.classList.remove("flash"));
    card.classList.add("flash");
    card.scrollIntoView({ behavior: "smooth", block: "nearest" });
    card.focus({ preventScroll: true });
  }, true);
}
