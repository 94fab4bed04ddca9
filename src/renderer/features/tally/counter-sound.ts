/** What a counter on the desk makes heard. ring: the number is reached. undo: a cell was taken back. refused: nothing was counted. */
export type Sound = 'tick' | 'ring' | 'undo' | 'refused'

const TONES: Readonly<Record<Sound, { readonly hz: readonly number[]; readonly s: number; readonly loud: number }>> = {
  tick: { hz: [1900], s: 0.018, loud: 0.08 },
  undo: { hz: [700], s: 0.05, loud: 0.08 },
  refused: { hz: [220], s: 0.18, loud: 0.16 },
  ring: { hz: [880, 1175, 1568], s: 0.16, loud: 0.2 },
}

let context: AudioContext | null = null

/** Plays it; where the browser has no sound, nothing. */
export function play(sound: Sound): void {
  if (typeof AudioContext === 'undefined') return
  context ??= new AudioContext()
  const { hz, s, loud } = TONES[sound]
  for (const [i, frequency] of hz.entries()) tone(context, frequency, context.currentTime + i * s, s, loud)
}

function tone(audio: AudioContext, frequency: number, at: number, s: number, loud: number): void {
  const oscillator = audio.createOscillator()
  const gain = audio.createGain()
  oscillator.frequency.value = frequency
  // Without an end that fades, each tone clicks.
  gain.gain.setValueAtTime(loud, at)
  gain.gain.exponentialRampToValueAtTime(0.001, at + s)
  oscillator.connect(gain).connect(audio.destination)
  oscillator.start(at)
  oscillator.stop(at + s)
}
