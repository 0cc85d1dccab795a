// Keeps an open desk up to date, and makes answering quicker; nothing here is needed.

const desk = document.querySelector('[data-live]');
const fan = desk?.dataset.fan;
const said = () => document.querySelector('#said');
const answer = document.querySelector('#answer');
const text = answer?.querySelector('textarea');

const toTheEnd = () => { const all = said(); if (all) all.scrollTop = all.scrollHeight; };
const isAtTheEnd = () => { const all = said(); return all && all.scrollHeight - all.scrollTop - all.clientHeight < 80; };
if (!location.search.includes('before=')) toTheEnd();

// What she had before her eyes is read, for everybody: told once.
let told = null;
const reads = async () => {
  const form = document.querySelector('#read');
  const seen = said()?.dataset.seen;
  if (!form || !seen || seen === told || document.visibilityState !== 'visible' || !isAtTheEnd()) return;
  told = seen;
  const body = new URLSearchParams(new FormData(form));
  body.set('seen', seen);
  try {
    const reply = await fetch(`${form.action}?live=1`, { method: 'POST', body, redirect: 'manual' });
    if (reply.type === 'opaqueredirect') look(true);
  } catch { told = null; }
};

// The forms say up to where somebody has looked: to the end of what is shown, and no further.
const sees = () => {
  if (!fan || !isAtTheEnd()) return;
  const { seen } = said().dataset;
  document.querySelectorAll('.fansdesk [name=seen]').forEach((field) => { field.value = seen; });
  const cards = document.querySelector('[data-cards]');
  if (cards) {
    const to = new URL(cards.href);
    to.searchParams.set('seen', seen);
    cards.href = to;
  }
  reads();
};

// What somebody is in the middle of is left to her, until she leaves it.
let left = false;
const put = (fresh, css) => {
  const [now, next] = [document.querySelector(css), fresh.querySelector(css)];
  if (!now || !next || now.innerHTML === next.innerHTML) return false;
  if (now.contains(document.activeElement) && document.activeElement !== now) {
    left = true;
    return false;
  }
  const scrolled = now.scrollTop;
  now.replaceWith(next);
  next.scrollTop = scrolled;
  return true;
};

// Signed out, nobody hears anything: better said than silent.
const stale = (is) => {
  const there = document.querySelector('#stale');
  if (!is) there?.remove();
  if (!is || there) return;
  const words = document.createElement('p');
  Object.assign(words, { id: 'stale', className: 'advice', textContent: desk.dataset.stale });
  words.setAttribute('role', 'alert');
  desk.before(words);
};

const refresh = async (all) => {
  const here = new URL(location.href);
  here.searchParams.set('live', '1');
  here.searchParams.delete('again');
  // A refused form stands under an address of its own, which nobody can look at again.
  if (fan) here.pathname = `/admin/fans/${fan}`;
  // Others' words change the list beside her, and nothing of hers.
  if (fan && !all) {
    here.pathname = '/admin/fans';
    here.searchParams.set('beside', fan);
    here.searchParams.delete('before');
  }
  const reply = await fetch(here, { headers: { accept: 'text/html' } });
  stale(reply.redirected);
  if (!reply.ok || reply.redirected) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html');
  put(fresh, '#rows');
  if (!all || !fan) return;
  const atEnd = isAtTheEnd();
  put(fresh, '#top');
  put(fresh, '#form-beside');
  if (put(fresh, '#said') && atEnd) toTheEnd();
  sees();
};

// Looks again, at most once a second.
let [wanted, everything, planned, last] = [false, false, null, -1000];
const look = (all) => {
  wanted = true;
  everything ||= all;
  planned ??= setTimeout(go, Math.max(0, last + 1000 - performance.now()));
};
const go = async () => {
  const all = everything;
  wanted = everything = false;
  last = performance.now();
  try { await refresh(all); } catch { /* The next event looks again. */ }
  planned = null;
  if (wanted) look(everything);
};

let line;
let pause = 2000;
const listen = () => {
  line = new EventSource(desk.dataset.live);
  // What happened before the line was open, and while it was not, nobody has told.
  line.addEventListener('open', () => { pause = 2000; look(true); desk.dataset.heard = 'yes'; });
  line.addEventListener('fans', (event) => {
    const fans = JSON.parse(event.data);
    look(fans.length === 0 || fans.includes(fan));
  });
  line.addEventListener('error', () => {
    if (line.readyState !== EventSource.CLOSED) return;
    look(true);
    setTimeout(listen, pause);
    pause = Math.min(pause * 2, 60000);
  });
};

if (desk) {
  listen();
  addEventListener('pagehide', () => line.close());
  addEventListener('pageshow', (event) => { if (event.persisted) listen(); });
  document.addEventListener('visibilitychange', reads);
  document.addEventListener('scroll', (event) => { if (event.target === said()) sees(); }, true);
  document.addEventListener('focusout', () => { if (left) { left = false; look(true); } });
  reads();
}

// How long she may still be answered.
const units = { zh: [' 小时 ', ' 分'], en: [' h ', ' min'] };
setInterval(() => {
  const [hours, minutes] = document.documentElement.lang.startsWith('en') ? units.en : units.zh;
  document.querySelectorAll('time[data-until]').forEach((time) => {
    const more = Math.max(0, Math.floor((time.dataset.until - Date.now()) / 60000));
    if (more < 2880) time.textContent = more < 60 ? more + minutes : Math.floor(more / 60) + hours + (more % 60) + minutes;
    if (more === 0) look(true);
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
