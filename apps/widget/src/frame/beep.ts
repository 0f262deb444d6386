let context: AudioContext | undefined;

/** A short sound, where the browser lets a page make one: not before somebody has clicked into it. */
export function beep(): void {
  try {
    context ??= new AudioContext();
    if (context.state !== 'running') return;
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const now = context.currentTime;
    tone.frequency.setValueAtTime(660, now);
    tone.frequency.setValueAtTime(880, now + 0.09);
    volume.gain.setValueAtTime(0.06, now);
    volume.gain.exponentialRampToValueAtTime(0.0001, now + 0.3);
    tone.connect(volume).connect(context.destination);
    tone.start(now);
    tone.stop(now + 0.3);
  } catch {
    // Silence is no fault.
  }
}
