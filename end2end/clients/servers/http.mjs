// Node's own http module.
import { request } from 'node:http';

const { DAYPASS, SECRET, QUESTION } = process.env;
const ask = (method, path) =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${SECRET}` };
    const asked = request(`${DAYPASS}${path}`, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end();
  });
console.log(await ask('GET', QUESTION), await ask('POST', '/api/GetTemporaryToken'));
