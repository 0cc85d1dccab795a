// The product's pictures in the Weibo client's own viewer; their links lead to them anyway.
import { available, invoke } from "./weibo.js";

const links = [...document.querySelectorAll(".gallery a")];
available("openImage").then(([has]) => {
  if (has) links.forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    invoke("openImage", { url: link.href, urls: links.map(String) }, 1500).catch(({ message }) => {
      if (message !== "550" && !document.hidden) location.assign(link);
    });
  }));
});
