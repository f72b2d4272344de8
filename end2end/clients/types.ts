// What clients/js declares, as a program in TypeScript uses it. Compiled by types.test.mjs, never run.

import description from '../../docs/openapi.json' with { type: 'json' };
import { DayPass, DayPassError } from '../../clients/js/page.js';
import { DaypassRefusal, Issuer, type Pass, type PassRequest } from '../../clients/js/server.js';

type Same<A, B> = [A, B] extends [B, A] ? true : false;
type Asked = (typeof description)['paths']['/api/GetTemporaryToken']['post']['requestBody']['content']['application/json']['schema'];
type Answered = (typeof description)['components']['schemas']['MintResponse'];

// All that the method takes and answers, and nothing else.
export const asked: Same<keyof PassRequest, keyof Asked['properties']> = true;
export const answered: Same<keyof Pass, keyof Answered['properties']> = true;

export async function server(): Promise<string> {
  const issuer = new Issuer({ url: new URL('https://tokens.example.net'), tokenFile: '/run/secrets/daypass' });
  try {
    const { network, subject, expires_in } = await issuer.mint({ lifetime: 900, network: '192.0.2.7', subject: 'kari' });
    return `${network?.length} ${subject ?? ''} ${expires_in ?? 'no end'}`;
  } catch (error) {
    if (error instanceof DaypassRefusal) return error.code ?? String(error.status);
    throw error;
  }
}

export async function page(): Promise<Response> {
  const pass = new DayPass('/day-pass', { origins: ['https://media.example.org'] });
  const end = pass.onToken((token) => token.length);
  end();
  try {
    return await pass.fetch('/photo');
  } catch (error) {
    if (error instanceof DayPassError) console.log(error.code, error.status);
    throw error;
  }
}

// @ts-expect-error What is misspelt is found before it is sent.
export const misspelt: PassRequest = { lifetme: 900 };
