// A Daypass of its own with an interface, a token that reads there, and the token of the API that asks about others.

import { Administrator, Daypass } from '../support/daypass.mjs';

/** @param {Administrator} administrator @param {string} name @param {string[]} permissions */
async function token(administrator, name, permissions) {
  const grants = [{ interface: 'Press photos', permissions }];
  const { id } = await administrator.api('POST', '/tokens', { name, grants });
  return { id: String(id), secret: await administrator.takeSecret(id) };
}

/** @param {Record<string, string>} [settings] */
export async function organisation(settings) {
  const daypass = await Daypass.start(settings);
  const administrator = await Administrator.create(daypass);
  await administrator.api('POST', '/interfaces', { name: 'Press photos' });
  const holder = await token(administrator, 'WordPress', ['read', 'download']);
  const guard = await token(administrator, 'Press API', ['introspect']);
  return { daypass, administrator, holder, guard };
}
