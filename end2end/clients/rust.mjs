// Builds and runs an example in Rust, as whoever pastes it does: standard input is the body of main, its first comment
// names the crates. The folder for it is the only argument; what is built there is used again.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const code = readFileSync(0, 'utf8');
const crates = /^\/\/ .*$/m.exec(code)?.[0].matchAll(/[\w-]+ = (?:\{[^}]*\}|"[^"]*")/g) ?? [];
const manifest = `[package]
name = "example"
version = "0.0.0"
edition = "2024"

[dependencies]
${[...crates].join('\n')}

[workspace]
`;
mkdirSync(join(folder, 'src'), { recursive: true });
writeFileSync(join(folder, 'Cargo.toml'), manifest);
writeFileSync(
  join(folder, 'src', 'main.rs'),
  `#![allow(unused)]\nfn main() -> Result<(), Box<dyn std::error::Error>> {\n${code}\nOk(())\n}\n`,
);
const { status } = spawnSync('cargo', ['run', '--quiet'], {
  cwd: folder,
  // The examples have a home of their own, the compiler is in that of whoever runs them.
  env: { ...process.env, HOME: userInfo().homedir, CARGO_TARGET_DIR: join(folder, 'target') },
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exitCode = status ?? 1;
