// Starts the app. An external file, because the page's policy forbids inline scripts. Must stay this small: all
// that the app does is WebAssembly.

try {
  const { default: start } = await import('./glue.js');
  await start();
} catch (error) {
  console.error(error);
  document.getElementById('starting')?.remove();
  document.getElementById('stopped')?.removeAttribute('hidden');
}
