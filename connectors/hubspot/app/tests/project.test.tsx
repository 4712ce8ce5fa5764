import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test, vi } from 'vitest';
import { SCHEMAS } from '../schemas/hsmeta.schema.mjs';

vi.mock('@hubspot/local-dev-lib/http', () => ({ http: { get: async () => ({ data: SCHEMAS }) } }));
const { translate } = await import('@hubspot/project-parsing-lib/translate');
const { parseProjectConfig } = await import('@hubspot/project-parsing-lib/projects');

const root = resolve(import.meta.dirname, '..');
const check = (dir: string) => {
  const { srcDir, platformVersion } = parseProjectConfig(dir);
  return translate({ projectSourceDir: join(dir, srcDir), platformVersion, accountId: 1 }, { skipValidation: false } as never);
};
function changed(file: string, edit: (json: any) => void) {
  const dir = mkdtempSync(join(tmpdir(), 'hs-'));
  cpSync(join(root, 'src'), join(dir, 'src'), { recursive: true });
  cpSync(join(root, 'hsproject.json'), join(dir, 'hsproject.json'));
  const path = join(dir, file);
  const json = JSON.parse(readFileSync(path, 'utf8'));
  edit(json);
  writeFileSync(path, JSON.stringify(json));
  return dir;
}

test('the project is valid and every entry point exists', async () => {
  const { intermediateRepresentation } = await check(root);
  const nodes = Object.values(intermediateRepresentation.intermediateNodesIndexedByUid) as any[];
  expect(nodes.map((n) => n.componentType).sort()).toEqual(['APPLICATION', 'CARD', 'PAGE']);
  for (const n of nodes) if (n.config.entrypoint) expect(existsSync(join(root, 'src', n.config.entrypoint))).toBe(true);
});

test.each([
  ['an unknown field', 'src/app/app-hsmeta.json', (j: any) => (j.config.nope = 1)],
  ['a http fetch url', 'src/app/app-hsmeta.json', (j: any) => (j.config.permittedUrls.fetch = ['http://x'])],
  ['optional scopes with static auth', 'src/app/app-hsmeta.json', (j: any) => (j.config.auth.optionalScopes = ['tickets'])],
  ['a bad location', 'src/app/cards/deal-card-hsmeta.json', (j: any) => (j.config.location = 'crm.record.middle')],
  ['a bad uid', 'src/app/cards/deal-card-hsmeta.json', (j: any) => (j.uid = 'has space')],
  ['a duplicate uid', 'src/app/cards/deal-card-hsmeta.json', (j: any) => (j.uid = 'crm_loop_app')],
  ['an unknown type', 'src/app/cards/deal-card-hsmeta.json', (j: any) => (j.type = 'crm-card')],
  ['an old platform version', 'hsproject.json', (j: any) => (j.platformVersion = '2024.1')],
])('rejects %s', async (_name, file, edit) => {
  const dir = changed(file, edit);
  await expect(check(dir)).rejects.toThrow();
  rmSync(dir, { recursive: true });
});

test('rejects a file in the wrong directory', async () => {
  const dir = changed('hsproject.json', () => {});
  renameSync(join(dir, 'src/app/cards/deal-card-hsmeta.json'), join(dir, 'src/app/pages/deal-card-hsmeta.json'));
  await expect(check(dir)).rejects.toThrow();
  rmSync(dir, { recursive: true });
});
