// Child processes: they are killed at exit. PostgreSQL programs run as the user postgres, because they refuse root.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';

const root = process.getuid() === 0;
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export const installed = (...programs) => programs.every((program) => {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

// setpriv execs the program, so killing the child kills the program.
export const asPostgres = (program, args) =>
  root ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', program, ...args]] : [program, args];

export const folderOfPostgres = (path) => {
  mkdirSync(path, { recursive: true });
  if (root) execFileSync('chown', ['postgres', path]);
  return path;
};

export const begin = (log, [program, args], options) => {
  const output = openSync(log, 'a');
  const child = spawn(program, args, { stdio: ['ignore', output, output], ...options });
  closeSync(output);
  running.add(child);
  child.ended = new Promise((resolve) => child.on('exit', () => { running.delete(child); resolve(); }));
  return child;
};
