// Uploads go on while other pages are looked at: one after the other, each with its progress.

import { listsChanged } from '../cache';
import { accessToken, replaceToken } from '../session';
import { store } from './listeners';

export interface Upload {
  key: number;
  /** Whose it is: another person who signs in sees nothing of it. */
  ownerId: string;
  folderId: string;
  name: string;
  size: number;
  sent: number;
  state: 'waiting' | 'sending' | 'done' | 'failed' | 'stopped';
  /** Why it failed: a code of the API, its words, and when to try again. */
  problem?: { code: string; message: string; seconds: number | null };
}

export const uploads = store<readonly Upload[]>([]);

const files = new Map<number, File>();
let last = 0;
let current: { key: number; request?: XMLHttpRequest } | undefined;

function change(key: number, changes: Partial<Upload>): void {
  uploads.set(uploads.get().map((one) => (one.key === key ? { ...one, ...changes } : one)));
}

export function addUploads(ownerId: string, folderId: string, chosen: readonly File[]): void {
  const added = chosen.map((file): Upload => {
    last += 1;
    files.set(last, file);
    return { key: last, ownerId, folderId, name: file.name, size: file.size, sent: 0, state: 'waiting' };
  });
  uploads.set([...uploads.get().filter((one) => one.ownerId === ownerId), ...added]);
  void work();
}

export function stopUpload(key: number): void {
  change(key, { state: 'stopped' });
  files.delete(key);
  if (current?.key === key) current.request?.abort();
}

export function retryUpload(key: number): void {
  change(key, { state: 'waiting', sent: 0 });
  void work();
}

/** Takes what is over off the list. */
export function clearUploads(): void {
  const going = uploads.get().filter(({ state }) => state === 'waiting' || state === 'sending');
  for (const key of files.keys()) if (!going.some((one) => one.key === key)) files.delete(key);
  uploads.set(going);
}

async function work(): Promise<void> {
  if (current) return;
  for (;;) {
    const next = uploads.get().find(({ state }) => state === 'waiting');
    const file = next && files.get(next.key);
    if (!next || !file) return;
    current = { key: next.key };
    change(next.key, { state: 'sending' });
    await send(next, file);
    current = undefined;
    // The content of the folder is another now.
    listsChanged.set(listsChanged.get() + 1);
  }
}

const isOver = (key: number) => uploads.get().find((one) => one.key === key)?.state !== 'sending';

async function send(upload: Upload, file: File, refused = false): Promise<void> {
  const fail = (code: string, message = '', seconds: number | null = null) =>
    isOver(upload.key) || change(upload.key, { state: 'failed', problem: { code, message, seconds } });
  let token: string;
  try {
    token = await accessToken();
  } catch {
    fail('OFFLINE');
    return;
  }
  if (isOver(upload.key)) return;
  const request = await post(upload, file, token);
  if (request.status === 401 && !refused) {
    try {
      await replaceToken(token);
    } catch {
      fail('UNAUTHENTICATED');
      return;
    }
    await send(upload, file, true);
    return;
  }
  if (request.status === 201) {
    files.delete(upload.key);
    // A name that was taken got a number.
    const { name } = JSON.parse(request.responseText) as { name: string };
    change(upload.key, { state: 'done', sent: upload.size, name });
  } else if (request.status === 0) {
    fail('OFFLINE');
  } else {
    const { code, message } = reasonOf(request.responseText);
    fail(code, message, Number(request.getResponseHeader('retry-after')) || null);
  }
}

function reasonOf(text: string): { code: string; message: string } {
  try {
    const { errors } = JSON.parse(text) as { errors?: { message?: string; extensions?: { code?: string } }[] };
    return { code: errors?.[0]?.extensions?.code ?? 'INTERNAL', message: errors?.[0]?.message ?? '' };
  } catch {
    return { code: 'INTERNAL', message: '' };
  }
}

/** Not `fetch`: it does not tell how much has been sent. */
function post({ key, folderId, name }: Upload, file: File, token: string): Promise<XMLHttpRequest> {
  const request = new XMLHttpRequest();
  if (current) current.request = request;
  return new Promise((resolve) => {
    request.upload.onprogress = ({ loaded }) => isOver(key) || change(key, { sent: loaded });
    request.onloadend = () => resolve(request);
    request.open('POST', `/drive/${folderId}?name=${encodeURIComponent(name)}`);
    request.setRequestHeader('authorization', `Bearer ${token}`);
    request.setRequestHeader('content-type', /^[^/]+\/[^/]+$/.test(file.type) ? file.type : 'application/octet-stream');
    request.send(file);
  });
}
