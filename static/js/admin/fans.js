// Keeps an open desk up to date, and makes answering quicker; nothing here is needed.

const desk = document.querySelector('[data-live]');
const fan = desk?.dataset.fan;
const said = () => document.querySelector('#said');
const answer = document.querySelector('#answer');
const text = answer?.querySelector('textarea');

const toTheEnd = () => { const all = said(); if (all) all.scrollTop = all.scrollHeight; };
if (!location.search.includes('before=')) toTheEnd();

// What she had before her eyes is read, for everybody: told once.
let told = null;
const reads = async () => {
  const form = document.querySelector('#read');
  const seen = form?.elements.seen.value;
  if (!form || seen === told || document.visibilityState !== 'visible') return;
  told = seen;
  try {
    const reply = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), redirect: 'manual' });
    if (reply.type === 'opaqueredirect') look(true);
  } catch { told = null; }
};

const put = (fresh, css) => {
  const [now, next] = [document.querySelector(css), fresh.querySelector(css)];
  if (!now || !next || now.innerHTML === next.innerHTML) return false;
  // What somebody is in the middle of is left to her.
  if (now.contains(document.activeElement) && document.activeElement !== now) return false;
  now.replaceWith(next);
  return true;
};

// Looks again, and changes only what is different.
let looking = false;
let again = false;
const look = async (all) => {
  if (looking) { again = true; return; }
  looking = true;
  try {
    const here = new URL(location.href);
    here.searchParams.set('live', '1');
    here.searchParams.delete('again');
    const reply = await fetch(here, { headers: { accept: 'text/html' } });
    if (!reply.ok || reply.redirected) return;
    const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html');
    put(fresh, '#rows');
    if (all && fan) {
      const end = said();
      const atEnd = end && end.scrollHeight - end.scrollTop - end.clientHeight < 80;
      put(fresh, '#top');
      put(fresh, '#form-beside');
      if (put(fresh, '#said')) {
        if (atEnd) toTheEnd();
        const seen = answer?.querySelector('[name=seen]');
        if (seen) seen.value = said().dataset.seen;
      }
      reads();
    }
  } catch { /* The next event looks again. */ } finally {
    looking = false;
    if (again) { again = false; look(true); }
  }
};

if (desk) {
  const line = new EventSource(desk.dataset.live);
  // What happened before the line was open, and while it was not, nobody has told.
  line.addEventListener('open', () => { look(true); desk.dataset.heard = 'yes'; });
  line.addEventListener('fans', (event) => {
    const fans = JSON.parse(event.data);
    look(fans.length === 0 || fans.includes(fan));
  });
  addEventListener('pagehide', () => line.close());
  document.addEventListener('visibilitychange', reads);
  reads();
}

// How long she may still be answered.
const units = { zh: [' 小时 ', ' 分'], en: [' h ', ' min'] };
setInterval(() => {
  const [hours, minutes] = document.documentElement.lang.startsWith('en') ? units.en : units.zh;
  document.querySelectorAll('time[data-until]').forEach((time) => {
    const left = Math.max(0, Math.floor((time.dataset.until - Date.now()) / 60000));
    if (left < 2880) time.textContent = left < 60 ? left + minutes : Math.floor(left / 60) + hours + (left % 60) + minutes;
    if (left === 0) look(true);
  });
}, 20000);

// What is typed is counted; Ctrl and Enter send.
if (text) {
  const count = answer.querySelector('[data-count]');
  const tell = () => {
    const long = [...text.value.trim()].length;
    count.textContent = `${long} · `;
    count.classList.toggle('over', long > Number(text.dataset.most));
  };
  text.addEventListener('input', tell);
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) answer.querySelector('.send').click();
  });
  tell();
  let sent = false;
  answer.addEventListener('submit', (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
