// Counts the bytes of a button's name while it is typed: Weibo counts bytes, and a Chinese character has three.
const encoder = new TextEncoder();
for (const input of document.querySelectorAll("input[data-bytes]")) {
    const most = Number(input.dataset.bytes);
    const hint = document.getElementById(`${input.id}-hint`);
    const words = hint.textContent;
    const count = () => {
        const bytes = encoder.encode(input.value.trim()).length;
        hint.textContent = bytes ? `${bytes} / ${most} · ${words}` : words;
        hint.classList.toggle("over", bytes > most);
    };
    input.addEventListener("input", count);
    count();
}
