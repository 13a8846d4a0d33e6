// Only what a page without JavaScript cannot do: count down, look again by itself, and mind words not yet saved.
"use strict";
const timer = document.querySelector("[data-leaves]");
if (timer) {
  const leaves = new Date(timer.dataset.leaves).getTime();
  const tick = () => {
    const left = Math.ceil((leaves - Date.now()) / 1000);
    if (left <= -1) location.reload();
    else { timer.textContent = `${Math.max(left, 0)} s`; setTimeout(tick, 500); }
  };
  tick();
}
const again = document.querySelector("[data-again]");
if (again) setTimeout(() => location.reload(), again.dataset.again * 1000);

const letter = document.getElementById("letter");
if (letter) {
  let changed = false;
  letter.addEventListener("input", () => { changed = true; document.body.classList.add("changed"); });
  document.addEventListener("submit", (event) => {
    if (event.target === letter) changed = false;
    if (event.target.dataset.sent) event.preventDefault();  // the second of two clicks
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}
