import type { SecretBox } from '#platform/secret-box.ts';

/**
 * Places in a stream as customers see them. The number itself would tell anybody who opens two streams how much happens
 * in the project between them.
 */
export function sealPlace(box: SecretBox, projectId: number, seq: number): string {
  return box.seal(`${projectId}:${seq}`);
}

/** The number of a place of this project: undefined for none, -1 for what is no place. */
export function openPlace(box: SecretBox, projectId: number, text: string | undefined): number | undefined {
  if (!text) return undefined;
  const [project, seq] = (box.open(text) ?? '').split(':');
  return project === String(projectId) ? Number(seq) : -1;
}
