// The examples of a server's own /api, as whoever pastes them has them: text out of the page, by method and language.
// Runs nothing.

import { ask } from '../support/daypass.mjs';

const CHARACTERS = /** @type {Record<string, string>} */ ({ amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'", '#39': "'" });

/** @param {string} html */
function text(html) {
  const plain = html.replace(/<!--.*?-->|<[^>]*>/gs, '');
  return plain.replace(/&([#\w]+);/g, (whole, name) => CHARACTERS[name] ?? whole);
}

/**
 * What is shown for each method, by the id of its section and the language (`curl`, `js`, `php`, `python`, `rust`).
 * @param {string} url of the server
 * @returns {Promise<Map<string, Map<string, string>>>}
 */
export async function published(url) {
  const { body } = await ask('GET', `${url}/api`, { accept: 'text/html' });
  const found = new Map();
  for (const section of body.split('<section').slice(1)) {
    const id = /\bid="([^"]+)"/.exec(section)?.[1];
    const shown = section.matchAll(/<div class="example (\w+)">.*?<pre[^>]*>\s*<code>(.*?)<\/code>/gs);
    const examples = new Map([...shown].map(([, language, code]) => [language, text(code)]));
    if (id && examples.size > 0) found.set(id, examples);
  }
  return found;
}
