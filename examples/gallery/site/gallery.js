// The page: it asks its own server for a day pass, shows the pictures with it, and renews it before it ends.
//
// The pass lives in the variable below and nowhere else: no storage, no cookie, no address bar, no log.

/** @type {{token: string, endsAt: number, seconds: number} | null} Without an end, `endsAt` is Infinity. */
let pass = null;
let asking = false;
let askAgainAt = 0;
/** @type {Refusal | null} Why the last renewal failed. */
let notRenewed = null;
let round = 0;

const $ = (id) => document.getElementById(id);
const albums = [...document.querySelectorAll(".album")].map((section) => ({
  name: section.querySelector("h2").textContent,
  note: section.querySelector(".note"),
  pictures: [...section.querySelectorAll("[data-picture]")].map((figure) => ({
    path: figure.dataset.picture,
    frame: figure.querySelector(".frame"),
  })),
}));

// What a refusal means to a visitor. The codes are Daypass' own; the last two are this gallery's.
const MEANINGS = {
  token_inactive: [
    "The administrator has stopped this token",
    "No new day pass is given, and every one given before has ended. When the token is active again, ask for a new one.",
  ],
  temporary_token_stopped: [
    "The administrator has stopped this day pass",
    "It ended before its time: its token was deactivated, replaced or deleted, or all its day passes were stopped.",
  ],
  token_expired: ["The day pass has ended", "Ask for a new one to see the pictures."],
  token_missing: ["There is no day pass", "The picture was asked for without one."],
  token_malformed: ["The token is damaged", "What was shown is not a token of Daypass. Ask for a new day pass."],
  token_unknown: [
    "The permanent token of this site is of no use any more",
    "Its secret was replaced, or the token has expired or was deleted. The operator of this site needs the new secret.",
  ],
  interface_not_granted: [
    "The token has no right to these pictures",
    "An administrator can grant it “read” on this interface.",
  ],
  permission_not_granted: [
    "The token may not read these pictures",
    "It has other rights on this interface. An administrator can grant it “read”.",
  ],
  origin_not_allowed: [
    "The day pass is for another page",
    "It counts only on the pages that it was made for, and this address is not one of them.",
  ],
  network_not_allowed: ["The token is not for this network", "It counts only in the networks that the administrator named."],
  rate_limited: ["Too many requests", "Wait a little, then load the pictures again."],
  exposed_in_browser: [
    "A permanent token was used in a browser",
    "That is always refused, and the administrators now see it. A page needs a day pass.",
  ],
  token_in_url: ["A permanent token was put into an address", "That is always refused. A page needs a day pass."],
  api_disabled: ["API access is switched off", "An administrator has switched it off for every token."],
  unreachable: ["Daypass does not answer", "Nothing is shown unless Daypass says yes. Try again in a moment."],
  unexpected: ["That did not work", "The answer was not one that this page knows. Try again in a moment."],
};
const meaning = (code) => MEANINGS[code] ?? MEANINGS.unexpected;

// These concern one interface or one moment, not the pass: the other pictures may still be shown with it.
const PASS_IS_STILL_GOOD = new Set(["interface_not_granted", "permission_not_granted", "rate_limited", "unreachable", "unexpected"]);

class Refusal extends Error {
  /** `means` is the entry of MEANINGS, where the code alone would be told wrongly. */
  constructor(code, detail = "", waitSeconds = 0, means = code) {
    super(code);
    this.code = code;
    this.means = means;
    this.detail = detail;
    this.waitSeconds = waitSeconds;
  }
}

/** Asks our own server. It answers with the pass, or with Daypass' reason not to give one. */
async function fetchPass() {
  const asked = Date.now();
  let answer, said;
  try {
    answer = await fetch("/day-pass", { method: "POST", cache: "no-store" });
    said = await answer.json();
  } catch {
    throw new Refusal("unreachable", "The server of this page did not answer.");
  }
  if (!answer.ok) {
    // What has ended here is no day pass but the permanent token, or the secret of it that this site has.
    const means = said.code === "token_expired" ? "token_unknown" : said.code;
    throw new Refusal(said.code, said.detail, Number(answer.headers.get("Retry-After")) || 0, means);
  }
  const seconds = said.expires_in ?? Infinity;
  return { token: said.token, seconds, endsAt: asked + seconds * 1000 };
}

/** A first pass, or a new one after a refusal, and then the pictures. */
async function begin() {
  if (asking) return;
  asking = true;
  say("asking", "Asking for a day pass", "One moment.");
  try {
    pass = await fetchPass();
    sayValid();
  } catch (refusal) {
    pass = null;
    sayRefused(refusal);
  } finally {
    asking = false;
  }
  await loadPictures();
}

/** A new pass in place of one that is about to end. The pictures stay as they are. */
async function renew() {
  asking = true;
  const before = pass;
  try {
    const next = await fetchPass();
    // The old one may have been refused meanwhile; then a visitor decides when to go on.
    if (pass === before) pass = next;
  } catch (refusal) {
    notRenewed = refusal;
    askAgainAt = Date.now() + Math.max(5, refusal.waitSeconds) * 1000;
    if (pass === before) showDetail(`It could not be renewed: ${meaning(refusal.means)[0].toLowerCase()}.`, refusal.code);
  } finally {
    asking = false;
  }
  if (pass && pass !== before) sayValid();
}

/** Every second: the time left, a renewal in time, and the end. */
function tick() {
  if (!pass) return;
  const left = pass.endsAt - Date.now();
  if (left <= 0) {
    pass = null;
    sayRefused(notRenewed ?? new Refusal("token_expired"));
    return;
  }
  const margin = Math.min(30_000, pass.seconds * 200);
  if (left <= margin && !asking && Date.now() >= askAgainAt) renew();
  $("left").textContent = duration(left);
  $("bar").hidden = left === Infinity;
  if (left !== Infinity) $("bar").value = left / 1000 / pass.seconds;
}

function duration(milliseconds) {
  if (milliseconds === Infinity) return "no end";
  const s = Math.ceil(milliseconds / 1000);
  const two = (n) => String(n).padStart(2, "0");
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)} h ${two(Math.floor((s % 3600) / 60))} min`;
}

/** Asks for every picture anew with the pass at hand, and tells what was refused. */
async function loadPictures() {
  const mine = ++round;
  $("reload").disabled = true;
  const results = await Promise.all(
    albums.map(async (album) => {
      album.note.hidden = true;
      const codes = await Promise.all(album.pictures.map((picture) => show(picture)));
      return { album, code: codes.find((code) => code !== null) ?? null };
    }),
  );
  if (mine !== round) return;
  $("reload").disabled = false;

  const ended = results.find(({ code }) => code !== null && !PASS_IS_STILL_GOOD.has(code));
  if (ended && pass) {
    pass = null;
    sayRefused(new Refusal(ended.code));
  }
  if (!pass) return;
  for (const { album, code } of results) {
    if (code === null) continue;
    const [title, text] = meaning(code);
    album.note.replaceChildren(`${title}. ${text} `, Object.assign(document.createElement("code"), { textContent: code }));
    album.note.hidden = false;
  }
}

/** Shows one picture, or a calm placeholder. Resolves with the refusal's code, or null when the picture is there. */
async function show({ path, frame }) {
  const old = frame.querySelector("img");
  const img = old.cloneNode();
  img.removeAttribute("src");
  img.hidden = false;
  frame.replaceChildren(img);
  frame.dataset.state = "waiting";
  // `no-store` binds every cache but one: a document may show a picture again that it has once shown (the list of
  // available images of the HTML standard). So each round has an address of its own.
  const code = pass ? await load(img, `${path}?token=${encodeURIComponent(pass.token)}&round=${round}`) : "token_missing";
  if (!frame.contains(img)) return null; // a later round has taken this one's place
  if (code !== null) {
    img.removeAttribute("src");
    img.hidden = true;
    const words = document.createElement("p");
    words.className = "missing";
    words.textContent = pass ? meaning(code)[0] : "Not shown without a day pass";
    frame.append(words);
  }
  frame.dataset.state = code === null ? "shown" : "refused";
  return code;
}

function load(img, address) {
  return new Promise((done) => {
    img.onload = () => done(null);
    img.onerror = async () => done(await reason(address));
    img.src = address;
  });
}

/** An <img> only knows that it failed. The same question without the picture brings the code. */
async function reason(address) {
  try {
    const answer = await fetch(address, { method: "HEAD", cache: "no-store" });
    if (answer.ok) return "unexpected";
    return answer.headers.get("X-Daypass-Code") ?? (answer.status >= 500 ? "unreachable" : "unexpected");
  } catch {
    return "unreachable";
  }
}

function say(state, title, text) {
  $("pass").dataset.state = state;
  $("pass-title").textContent = title;
  $("pass-text").textContent = text;
  showDetail("", "");
  $("clock").hidden = state !== "valid";
  $("renew").hidden = state !== "refused";
}

function showDetail(detail, code) {
  $("pass-detail").textContent = detail;
  $("pass-detail").hidden = !detail;
  $("pass-code").querySelector("code").textContent = code;
  $("pass-code").hidden = !code;
}

function sayValid() {
  notRenewed = null;
  say("valid", "Your day pass is valid", "It may read Open archive and Press photos, on this page only, and renews itself before it ends.");
  tick();
}

function sayRefused({ code, detail, means }) {
  say("refused", ...meaning(means));
  showDetail(detail ?? "", code);
}

$("reload").addEventListener("click", loadPictures);
$("renew").addEventListener("click", begin);
document.addEventListener("visibilitychange", tick);
setInterval(tick, 1000);
begin();
