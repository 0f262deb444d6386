import { createHmac, timingSafeEqual } from 'node:crypto';
import { openIdentitySecret } from '#features/identity-secrets/identity-secrets.service.ts';
import type { SignatureCheck } from '#platform/actor.ts';
import type { SecretBox } from '#platform/secret-box.ts';

const HEX_DIGEST = /^[0-9a-f]{64}$/;

/** Checks signatures against sealed secrets of which any will do; without one no signature is good. */
export function checkerOf(box: SecretBox | undefined, sealed: readonly string[]): SignatureCheck {
  return (text, signature) => {
    if (!box || !HEX_DIGEST.test(signature)) return false;
    const given = Buffer.from(signature, 'hex');
    // All of them, so that the time does not tell which one it was.
    const matches = sealed.map((secret) =>
      timingSafeEqual(sign(openIdentitySecret(box, secret), text), given),
    );
    return matches.includes(true);
  };
}

function sign(secret: string, text: string): Buffer {
  return createHmac('sha256', secret).update(text, 'utf8').digest();
}
