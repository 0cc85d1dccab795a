// Keeps the desk, and the chat, fresh without touching the phone: switches answer in place, lists grow by themselves.
// Everything works without it, by reloading.
(function () {
  'use strict';
  function take(html) {
    var fresh = new DOMParser().parseFromString(html, 'text/html');
    document.querySelectorAll('[data-live]').forEach(function (old) {
      var renewed = fresh.querySelector('[data-live="' + old.dataset.live + '"]');
      if (!renewed || renewed.innerHTML === old.innerHTML) { return; }
      var held = old.contains(document.activeElement) && document.activeElement.getAttribute('aria-label');
      old.replaceChildren.apply(old, Array.from(renewed.childNodes));
      var again = held && old.querySelector('[aria-label="' + CSS.escape(held) + '"]');
      if (again) { again.focus(); }
      toTail(old);
    });
  }
  function toTail(list) {
    if ('tail' in list.dataset) { list.scrollTop = list.scrollHeight; }
  }
  document.querySelectorAll('[data-tail]').forEach(toTail);
  window.addEventListener('load', function () { document.querySelectorAll('[data-tail]').forEach(toTail); });
  function text(response) {
    return response.ok ? response.text() : Promise.reject(new Error(String(response.status)));
  }
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (!form.closest('[data-live]') || !event.submitter) { return; }
    event.preventDefault();
    var fields = new URLSearchParams(new FormData(form, event.submitter));
    fetch(form.action, { method: 'POST', body: fields }).then(text).then(take)
      .catch(function () { location.reload(); });
  });
  setInterval(function () {
    if (!document.hidden) { fetch(location.pathname).then(text).then(take).catch(function () {}); }
  }, 2000);
})();
