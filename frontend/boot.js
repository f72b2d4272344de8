// Starts the app. An external file, because the page's policy forbids inline scripts. Must stay this small: all
// that the app does is WebAssembly.

const starting = async () => {
  const { default: load, open } = await import('./glue.js');
  await load();
  return open;
};

// The page names the texts of its language, so that they load beside the WebAssembly.
const texts = async () => {
  const answer = await fetch(document.getElementById('texts').href);
  if (!answer.ok) throw new Error(`the texts: ${answer.status}`);
  return answer.text();
};

try {
  const [open, lines] = await Promise.all([starting(), texts()]);
  open(lines);
} catch (error) {
  console.error(error);
  document.getElementById('starting')?.remove();
  document.getElementById('stopped')?.removeAttribute('hidden');
}
