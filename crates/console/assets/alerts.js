// Shows alerts as they come, and takes one key for each thing that is done about one.
'use strict';

const live = document.getElementById('live');
const justIn = document.getElementById('just-in');

/** An element with text in it; text from the station is never taken for markup. */
function element(name, kind, words) {
  const made = document.createElement(name);
  if (kind) made.className = kind;
  if (words) made.textContent = words;
  return made;
}

function tag(kind, words) {
  return element('b', `tag ${kind}`, words);
}

/** What is told of an alert, as the page's own lines tell it. */
function lineOf(alert) {
  const line = element('li', alert.priority ? 'now' : 'review');
  line.dataset.alert = alert.number;
  const link = element('a');
  link.href = `/alerts/${alert.number}`;
  link.append(element('span', 'mono plate', alert.read), ` ${alert.reason}`);
  line.append(link);
  if (alert.state) line.append(tag('warn', alert.state));
  if (alert.overdue) line.append(tag('stop', 'LIST OVERDUE'));
  if (alert.escalated) line.append(tag('stop', alert.escalated));
  line.append(element('p', 'meta', alert.says));
  return line;
}

/** Changes what a line says where it stands. */
function renew(line, alert) {
  const now = lineOf(alert);
  line.className = now.className;
  line.replaceChildren(...now.childNodes);
}

/** Alerts that wait until nobody points into the list. */
const held = [];

function isLookedAt() {
  return justIn.matches(':hover') || justIn.contains(document.activeElement);
}

/** New alerts stand in a room of their own, which is there before they come: nothing else moves. What is
 *  in it moves only while nobody points at it. */
function show(alert) {
  const before = held.findIndex((waiting) => waiting.number === alert.number);
  if (before >= 0) held.splice(before, 1);
  const lines = document.querySelectorAll(`[data-alert="${alert.number}"]`);
  if (lines.length) {
    lines.forEach((line) => renew(line, alert));
  } else if (isLookedAt()) {
    held.push(alert);
  } else {
    justIn.prepend(lineOf(alert));
  }
  tell();
}

function release() {
  if (isLookedAt()) return;
  held.splice(0).forEach((alert) => justIn.prepend(lineOf(alert)));
  tell();
}

/** The station could not be heard for a while. */
let missed = false;

function tell() {
  if (held.length) {
    live.textContent = `${held.length} more came in: they are shown once you point elsewhere.`;
  } else if (missed) {
    live.textContent = 'Live again. What came in meanwhile is shown when you load the page again.';
  } else {
    live.textContent = 'Live: what comes in is shown here by itself.';
  }
}

function watch() {
  const source = new EventSource('/alerts/stream');
  let was = false;
  let used = false;
  for (const kind of ['keydown', 'pointerdown']) {
    document.addEventListener(kind, () => {
      used = true;
    });
  }
  source.addEventListener('open', () => {
    // Something may have come in while the station could not be heard. Where nobody has been at the page
    // it is not loaded again by itself: that would keep an unattended session from locking.
    if (was && used) location.reload();
    missed = was;
    was = true;
    tell();
  });
  source.addEventListener('alert', (event) => show(JSON.parse(event.data)));
  source.addEventListener('over', () => {
    source.close();
    location.reload();
  });
  source.addEventListener('error', () => {
    live.textContent =
      source.readyState === EventSource.CLOSED
        ? 'Not live: load the page again.'
        : 'The station cannot be heard. Trying again.';
  });
  justIn.addEventListener('pointerleave', release);
  justIn.addEventListener('focusout', () => setTimeout(release));
}

/** One key each; off where the member has turned them off, and while something is written. */
function takeKeys() {
  const wanted = document.getElementById('keys');
  if (!wanted) return;
  wanted.checked = localStorage.getItem('keys') !== 'off';
  wanted.addEventListener('change', () => localStorage.setItem('keys', wanted.checked ? 'on' : 'off'));
  document.addEventListener('keydown', (event) => {
    if (!wanted.checked || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest('input:not([type=checkbox]), select, textarea')) return;
    const meant = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!meant) return;
    event.preventDefault();
    meant.closest('details')?.setAttribute('open', '');
    meant.focus();
    if (meant.matches('button')) meant.click();
    if (meant.matches('textarea')) meant.select();
  });
}

if (justIn) watch();
takeKeys();
