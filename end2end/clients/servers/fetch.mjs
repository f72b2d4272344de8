// fetch as servers have it, at its defaults: Node, Deno and Bun run this file.
const { DAYPASS, SECRET, QUESTION } = globalThis.Deno ? Deno.env.toObject() : process.env;
const asked = await fetch(`${DAYPASS}${QUESTION}`, { headers: { authorization: `Bearer ${SECRET}` } });
const minted = await fetch(`${DAYPASS}/api/GetTemporaryToken`, {
  method: 'POST',
  headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
  body: '{"lifetime":60}',
});
console.log(asked.status, minted.status);
