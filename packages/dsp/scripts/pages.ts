import * as dsp from '../src/index.ts'
import { curves, heatmap } from './picture.ts'

/** What a page says, besides its name. */
export interface Page {
  readonly summary: string
  readonly formula: string
  readonly returns: string
  readonly notes?: string
  /** Lines of a module; what it logs must equal the comments after each `console.log`. */
  readonly example: string
  /** SVG of the output on the clip. */
  readonly picture?: (clip: Float32Array) => string
  readonly caption?: string
}

const sampleRate = 16000
const o = { sampleRate, nFft: 512, hopLength: 160 }
const frames = { frameLength: 512, hopLength: 160 }
const tone = `const signal = Float32Array.from({ length: 16000 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / 16000))`
const time = 'seconds'
const db = (m: dsp.Matrix) => dsp.powerToDb(m)
const value = (run: (x: Float32Array) => ArrayLike<number>, label: string) => (x: Float32Array) => curves([run(x)], time, label, 2)
const parts = (x: Float32Array, runs: [number, number][]) => {
  const flag = new Float32Array(x.length)
  for (const [a, b] of runs) flag.fill(0.5, a, b)
  return curves([x, flag], time, 'amplitude; kept', 2)
}

export const pages: Record<string, Page> = {
  windows: {
    summary:
      '`hann`, `hamming` and `blackman` windows, periodic by default; every `window` option takes their names, `rectangular`, or samples.',
    formula:
      'w(i) = sum over k of a_k cos(2 pi k i / N); Hann a = (0.5, -0.5), Hamming (0.54, -0.46), Blackman (0.42, -0.5, 0.08). N is the length (periodic) or the length less one (symmetric).',
    returns: 'Float64Array of `length` values without unit.',
    example: `import { hann } from '@emo/dsp'\n\nconsole.log(Array.from(hann(4)).map((w) => w.toFixed(2))) // ["0.00","0.50","1.00","0.50"]`,
    picture: () => curves([dsp.hann(400), dsp.hamming(400), dsp.blackman(400)], 'sample', 'weight', 400),
    caption: 'Hann (blue), Hamming (red) and Blackman (green) windows of 400 samples.',
  },
  stft: {
    summary: 'Short-time Fourier transform, equal to `librosa.stft`.',
    formula: 'X(t, k) = sum over n of w(n) x(t hop + n) exp(-2 pi i k n / nFft)',
    returns:
      '`{ real, imag }`, each `[frames, 1 + floor(nFft / 2)]`; frames = 1 + floor((samples + 2 floor(nFft / 2) - nFft) / hopLength) when centred.',
    example: `import { stft } from '@emo/dsp'\n\n${tone}\nconst { real, imag } = stft(signal, { nFft: 512, hopLength: 160 })\nconsole.log(real.shape, imag.shape) // [101,257] [101,257]`,
    picture: (x) => heatmap(dsp.stft(x, o).real, time, 'Hz', 2, 8000),
    caption: 'Real part.',
  },
  magnitudeSpectrogram: {
    summary: 'Magnitudes of the short-time Fourier transform, equal to `abs(librosa.stft)`.',
    formula: '|X(t, k)|',
    returns: '`[frames, 1 + floor(nFft / 2)]`, linear amplitude; column k is k * sampleRate / nFft Hz.',
    example: `import { magnitudeSpectrogram } from '@emo/dsp'\n\n${tone}\nconst m = magnitudeSpectrogram(signal, { nFft: 512, hopLength: 160 })\nconst row = Array.from({ length: 257 }, (_, k) => m.get(50, k))\nconsole.log(m.shape, row.indexOf(Math.max(...row))) // [101,257] 14`,
    picture: (x) => heatmap(dsp.amplitudeToDb(dsp.magnitudeSpectrogram(x, o)), time, 'Hz', 2, 8000),
    caption: 'In dB, 80 dB down from the loudest.',
  },
  melFilterBank: {
    summary: 'Triangular filters that sum a power spectrum into mel bands, equal to `librosa.filters.mel`.',
    formula:
      'M(m, k) = max(0, min((f_k - f_m) / (f_(m+1) - f_m), (f_(m+2) - f_k) / (f_(m+2) - f_(m+1)))), edges f equally spaced in mel; with `melNorm: "slaney"` times 2 / (f_(m+2) - f_m)',
    returns: '`[nMels, 1 + floor(nFft / 2)]`, weights.',
    notes: 'A filter so narrow that no bin falls into it is a row of zeros, as in librosa.',
    example: `import { melFilterBank } from '@emo/dsp'\n\nconsole.log(melFilterBank({ sampleRate: 16000, nFft: 512, nMels: 40 }).shape) // [40,257]`,
    picture: () => heatmap(dsp.melFilterBank({ ...o, nMels: 40, melNorm: null }), 'filter', 'Hz', 40, 8000),
    caption: 'Forty filters from 0 to 8 kHz.',
  },
  melSpectrogram: {
    summary: 'Mel spectrogram, equal to `librosa.feature.melspectrogram`.',
    formula: 'S(t, m) = sum over k of M(m, k) |X(t, k)|^power',
    returns: '`[frames, nMels]`, power (not decibels).',
    example: `import { melSpectrogram } from '@emo/dsp'\n\n${tone}\nconsole.log(melSpectrogram(signal, { sampleRate: 16000, nFft: 512, hopLength: 160, nMels: 40 }).shape) // [101,40]`,
    picture: (x) => heatmap(db(dsp.melSpectrogram(x, { ...o, nMels: 40 })), time, 'mel band', 2),
    caption: 'In dB, 80 dB down from the loudest.',
  },
  decibels: {
    summary: '`powerToDb` and `amplitudeToDb`, equal to `librosa.power_to_db` and `librosa.amplitude_to_db`.',
    formula: '10 log10(max(amin, S)) - 10 log10(max(amin, ref)), raised to the largest value - topDb; 20 log10 for amplitudes',
    returns: 'dB, of the shape given (matrix or array).',
    example: `import { amplitudeToDb, powerToDb } from '@emo/dsp'\n\nconsole.log(Array.from(powerToDb([1, 100])), Math.round(amplitudeToDb([1, 100])[1])) // [0,20] 40`,
    picture: (x) => heatmap(db(dsp.melSpectrogram(x, { ...o, nMels: 40 })), time, 'mel band', 2),
    caption: 'A mel spectrogram in dB.',
  },
  dct: {
    summary: 'Discrete cosine transform of every row, equal to `scipy.fftpack.dct` (types 2 and 3).',
    formula: 'type 2: y(k) = 2 sum over n of x(n) cos(pi k (2n + 1) / 2N); `ortho` scales the rows to length 1. Type 3 is its inverse.',
    returns: '`[frames, N]`.',
    example: `import { dct, melSpectrogram, powerToDb } from '@emo/dsp'\n\n${tone}\nconst decibels = powerToDb(melSpectrogram(signal, { sampleRate: 16000, nMels: 40 }))\nconsole.log(dct(decibels).shape) // [32,40]`,
    picture: (x) => heatmap(dsp.dct(db(dsp.melSpectrogram(x, { ...o, nMels: 40 }))), time, 'coefficient', 2),
    caption: 'Cosine transform of the log-mel spectrogram.',
  },
  mfcc: {
    summary: 'Mel-frequency cepstral coefficients, equal to `librosa.feature.mfcc`.',
    formula:
      'C(t, n) = sum over m of D(n, m) 10 log10(S(t, m)), D the cosine transform; with a lifter L times 1 + L / 2 sin(pi (n + 1) / L)',
    returns: '`[frames, nMfcc]`.',
    notes:
      'With `topDb` (default 80, as librosa) the floor depends on the loudest frame of the whole signal. Use `topDb: null` where a stream must give the same.',
    example: `import { mfcc } from '@emo/dsp'\n\n${tone}\nconsole.log(mfcc(signal, { sampleRate: 16000, nFft: 512, hopLength: 160, nMels: 40, nMfcc: 13 }).shape) // [101,13]`,
    picture: (x) => heatmap(dsp.mfcc(x, { ...o, nMels: 40, nMfcc: 13 }), time, 'coefficient', 2),
  },
  delta: {
    summary: 'Derivative of features over frames (Savitzky-Golay), equal to `librosa.feature.delta`.',
    formula: 'the `order`-th derivative of the least-squares polynomial of that degree through `width` frames',
    returns: 'of the shape given; change a frame (to the power of `order`).',
    example: `import { delta } from '@emo/dsp'\n\nconst line = Float32Array.from({ length: 20 }, (_, t) => 3 * t)\nconsole.log(delta(line)[0].toFixed(3)) // 3.000`,
    picture: (x) => heatmap(dsp.delta(dsp.mfcc(x, { ...o, nMels: 40, nMfcc: 13 })), time, 'coefficient', 2),
    caption: 'Delta of 13 MFCC.',
  },
  zeroCrossingRate: {
    summary: 'Sign changes within a frame over its length, equal to `librosa.feature.zero_crossing_rate`.',
    formula: 'z(t) = (number of n with sign x(n) not equal sign x(n - 1)) / frameLength; |x| up to 1e-10 counts as positive zero',
    returns: 'one value a frame, 0 to 1.',
    example: `import { zeroCrossingRate } from '@emo/dsp'\n\n${tone}\nconsole.log(zeroCrossingRate(signal, { frameLength: 512, hopLength: 160 })[50].toFixed(3)) // 0.057`,
    picture: value((x) => dsp.zeroCrossingRate(x, frames), 'rate'),
  },
  rms: {
    summary: 'Root mean square of every frame, equal to `librosa.feature.rms`.',
    formula: 'r(t) = sqrt(mean of x(n)^2)',
    returns: 'one linear amplitude a frame.',
    example: `import { rms } from '@emo/dsp'\n\n${tone}\nconsole.log(rms(signal, { frameLength: 512, hopLength: 160 })[50].toFixed(2)) // 0.35`,
    picture: value((x) => dsp.rms(x, frames), 'amplitude'),
  },
  spectralCentroid: {
    summary: 'Centre of mass of the magnitude spectrum, equal to `librosa.feature.spectral_centroid`.',
    formula: 'c(t) = sum of f_k S_k / sum of S_k',
    returns: 'Hz, one value a frame; 0 for silence.',
    example: `import { spectralCentroid } from '@emo/dsp'\n\n${tone}\nconsole.log(Math.round(spectralCentroid(signal, { sampleRate: 16000 })[10])) // 440`,
    picture: value((x) => dsp.spectralCentroid(x, o), 'Hz'),
  },
  spectralBandwidth: {
    summary: 'Spread about the centroid, equal to `librosa.feature.spectral_bandwidth`.',
    formula: 'b(t) = (sum of S_k |f_k - c|^p / sum of S_k)^(1/p)',
    returns: 'Hz, one value a frame; 0 for silence.',
    example: `import { spectralBandwidth } from '@emo/dsp'\n\n${tone}\nconsole.log(spectralBandwidth(signal, { sampleRate: 16000 })[10] < 20) // true`,
    picture: value((x) => dsp.spectralBandwidth(x, o), 'Hz'),
  },
  spectralRolloff: {
    summary: 'Frequency below which a share of the magnitudes lies, equal to `librosa.feature.spectral_rolloff`.',
    formula: 'the lowest f_k with S_0 + ... + S_k >= rollPercent * sum of S',
    returns: 'Hz, one value a frame; 0 for silence.',
    example: `import { spectralRolloff } from '@emo/dsp'\n\n${tone}\nconsole.log(spectralRolloff(signal, { sampleRate: 16000 })[10]) // 445.3125`,
    picture: value((x) => dsp.spectralRolloff(x, o), 'Hz'),
  },
  spectralFlatness: {
    summary: 'How noise-like a frame is, equal to `librosa.feature.spectral_flatness`.',
    formula: 'exp(mean of ln max(amin, S_k^power)) / mean of max(amin, S_k^power)',
    returns: 'one value a frame, 0 (a tone) to 1 (white noise, and silence).',
    example: `import { spectralFlatness } from '@emo/dsp'\n\n${tone}\nconsole.log(spectralFlatness(signal)[10] < 0.001, spectralFlatness(new Float32Array(4096))[2]) // true 1`,
    picture: value((x) => dsp.spectralFlatness(x, o), 'flatness'),
  },
  spectralContrast: {
    summary: 'Peak minus valley of octave bands (Jiang et al. 2002), equal to `librosa.feature.spectral_contrast`.',
    formula: 'mean of the largest `quantile` of a band in dB minus that of the smallest; bands 0-fMin, fMin-2 fMin, ...',
    returns: '`[frames, nBands + 1]`, dB.',
    example: `import { spectralContrast } from '@emo/dsp'\n\n${tone}\nconsole.log(spectralContrast(signal, { sampleRate: 16000, nBands: 4 }).shape) // [32,5]`,
    picture: (x) => heatmap(dsp.spectralContrast(x, { ...o, nBands: 4 }), time, 'band', 2),
  },
  chroma: {
    summary: 'Energy of the pitch classes from C, equal to `librosa.feature.chroma_stft`.',
    formula:
      'a Gaussian about every pitch class in every octave, weighted by a Gaussian over octaves, applied to |X|^2 and divided by the norm of the frame',
    returns: '`[frames, nChroma]`, 0 to 1 with the default norm.',
    notes: 'With `tuning: null` (default, as librosa) the tuning is estimated from the whole signal.',
    example: `import { chroma } from '@emo/dsp'\n\n${tone}\nconst m = chroma(signal, { sampleRate: 16000, tuning: 0 })\nconsole.log(m.shape, m.get(10, 9)) // [32,12] 1`,
    picture: (x) => heatmap(dsp.chroma(x, { ...o, tuning: 0 }), time, 'pitch class', 2),
  },
  estimateTuning: {
    summary: 'Deviation from A = 440 Hz, equal to `librosa.estimate_tuning` of the power spectrogram.',
    formula:
      'the mode of the offsets of the louder half of all spectral peaks (parabolic interpolation, 150 Hz to 4 kHz) from the nearest pitch class',
    returns: 'fraction of a pitch class, -0.5 to below 0.5.',
    example: `import { estimateTuning } from '@emo/dsp'\n\n${tone}\nconsole.log(Math.abs(estimateTuning(signal, { sampleRate: 16000 })) < 0.05) // true`,
  },
  tonnetz: {
    summary: 'Tonal centroids (Harte, Sandler and Gasser 2006): the transform of `librosa.feature.tonnetz`, here of the STFT chroma.',
    formula:
      'chroma over its sum, times r sin(a c), r cos(a c) for fifths (a = 7 pi / 6), minor thirds (3 pi / 2), major thirds (2 pi / 3, r = 0.5)',
    returns: '`[frames, 6]`.',
    example: `import { tonnetz } from '@emo/dsp'\n\n${tone}\nconsole.log(tonnetz(signal, { sampleRate: 16000, tuning: 0 }).shape) // [32,6]`,
    picture: (x) => heatmap(dsp.tonnetz(x, { ...o, tuning: 0 }), time, 'dimension', 2),
  },
  yin: {
    summary: 'Fundamental frequency by YIN (de Cheveigné and Kawahara 2002), equal to `librosa.yin`.',
    formula:
      "the first trough below `troughThreshold` of d'(tau) = d(tau) / mean of d(1..tau), d(tau) = sum of (x(j) - x(j + tau))^2, refined by a parabola",
    returns: 'Hz, one value a frame, also where nothing is voiced.',
    example: `import { yin } from '@emo/dsp'\n\n${tone}\nconsole.log(Math.round(yin(signal, { sampleRate: 16000, fMin: 65, fMax: 500 })[10])) // 440`,
    picture: value((x) => dsp.yin(x, { sampleRate, fMin: 65, fMax: 500, frameLength: 1024, hopLength: 256 }), 'Hz'),
  },
  pyin: {
    summary: 'Fundamental frequency and voicing by probabilistic YIN (Mauch and Dixon 2014), equal to `librosa.pyin`.',
    formula:
      'YIN troughs under a Beta distribution of thresholds as observations of a hidden Markov model over pitch and voicing, decoded by Viterbi',
    returns: '`{ f0, voiced, voicedProbability }`, one value a frame: Hz (`fillNa`, default NaN, where unvoiced), 0 or 1, and 0 to 1.',
    example: `import { pyin } from '@emo/dsp'\n\n${tone}\nconst { f0, voiced } = pyin(signal, { sampleRate: 16000, fMin: 65, fMax: 500 })\nconsole.log(Math.round(f0[10] / 10), voiced[10]) // 44 1`,
    picture: (x) => curves([dsp.pyin(x, { sampleRate, fMin: 65, fMax: 500, frameLength: 1024, hopLength: 256 }).f0], time, 'Hz', 2),
  },
  lpc: {
    summary: "Linear prediction coefficients by Burg's method, equal to `librosa.lpc`.",
    formula: 'a(0) = 1; x(n) is predicted as -sum over k of a(k) x(n - k)',
    returns: 'order + 1 coefficients.',
    example: `import { lpc } from '@emo/dsp'\n\n${tone}\nconsole.log(lpc(signal, { order: 12 }).length) // 13`,
    picture: (x) => curves([dsp.lpc(x, { order: 12 })], 'coefficient', 'value', 12),
  },
  modulationSpectrum: {
    summary:
      'How strongly and how fast the envelope of every mel band moves; after Greenberg and Kingsbury 1997 and Wu, Falk and Chan 2011.',
    formula:
      'M(f) = 2 / sum(w) sqrt(mean over segments of |DFT of w (e - mean e)|^2) / mean e, e the mel envelope: the depth of modulation',
    returns: '`[nMels, modulation frequencies]`, see `modulationFrequencies` (0.5 to 16 Hz by default).',
    example: `import { modulationFrequencies, modulationSpectrum } from '@emo/dsp'\n\n${tone}\nconst m = modulationSpectrum(signal, { sampleRate: 16000 })\nconsole.log(m.shape, modulationFrequencies({ sampleRate: 16000 })[0]) // [40,32] 0.5`,
    picture: (x) => heatmap(dsp.modulationSpectrum(x, { sampleRate }).transpose(1, 0), 'modulation frequency, Hz', 'mel band', 16),
  },
  preEmphasis: {
    summary: 'A first difference that lifts high frequencies, equal to `librosa.effects.preemphasis`.',
    formula: 'y(n) = x(n) - coefficient x(n - 1); y(0) = 3 x(0) - x(1)',
    returns: 'as many samples.',
    example: `import { preEmphasis } from '@emo/dsp'\n\nconsole.log(preEmphasis([1, 1, 1], { coefficient: 0.5 })[2]) // 0.5`,
    picture: (x) => curves([dsp.preEmphasis(x)], time, 'amplitude', 2),
  },
  trim: {
    summary: 'Leaves out silence at both ends, equal to `librosa.effects.trim`.',
    formula: 'frames with 20 log10(RMS / ref) > -topDb are kept, and all between the first and the last',
    returns: '`{ signal, start, end }`, samples.',
    example: `import { trim } from '@emo/dsp'\n\nconst signal = new Float32Array(16000)\nsignal.fill(0.5, 6000, 10000)\nconst { start, end } = trim(signal, { topDb: 30 })\nconsole.log(start, end) // 5120 11264`,
    picture: (x) => {
      const { start, end } = dsp.trim(x, { topDb: 30 })
      return parts(x, [[start, end]])
    },
  },
  split: {
    summary: 'Intervals that are not silent, equal to `librosa.effects.split`.',
    formula: 'runs of frames with 20 log10(RMS / ref) > -topDb',
    returns: '`[start, end)[]`, samples.',
    example: `import { split } from '@emo/dsp'\n\nconst signal = new Float32Array(16000)\nsignal.fill(0.5, 6000, 10000)\nconsole.log(split(signal, { topDb: 30 })) // [[5120,11264]]`,
    picture: (x) => parts(x, dsp.split(x, { topDb: 20 })),
  },
  voiceActivity: {
    summary:
      'Stretches of speech by level above an adaptive noise floor, spectral flatness and zero-crossing rate; `VoiceActivityStream` gives the same for chunks.',
    formula:
      'level - floor > thresholdDb, level > minLevelDb, and flatness < maxFlatness or crossings < maxCrossingRate; onset and hangover times smooth it',
    returns: '`[start, end)[]`, samples.',
    example: `import { voiceActivity } from '@emo/dsp'\n\nconst signal = Float32Array.from({ length: 32000 }, (_, i) => (i > 8000 && i < 20000 ? 0.3 * Math.sin(0.06 * i) : 0))\nconsole.log(voiceActivity(signal, { sampleRate: 16000 }).length) // 1`,
    picture: (x) => parts(x, dsp.voiceActivity(x, { sampleRate })),
  },
  resample: {
    summary: 'Changes the sample rate by any ratio of integers; `ResampleStream` gives the same for chunks.',
    formula:
      'polyphase windowed sinc (Kaiser): flat to 0.05 dB up to 0.9 of the lower Nyquist frequency, images and aliases below -90 dB, no delay',
    returns: 'ceil(length * to / from) samples.',
    example: `import { resample } from '@emo/dsp'\n\nconsole.log(resample(new Float32Array(48001), { from: 48000, to: 16000 }).length) // 16001`,
    picture: (x) =>
      heatmap(
        dsp.amplitudeToDb(dsp.magnitudeSpectrogram(dsp.resample(x, { from: 16000, to: 8000 }), { nFft: 256, hopLength: 80 })),
        time,
        'Hz',
        2,
        4000,
      ),
    caption: 'Spectrogram of the clip at 8 kHz.',
  },
  toMono: {
    summary: 'Mixes channels to one, equal to `librosa.to_mono`.',
    formula: 'y(n) = mean over channels of x_c(n)',
    returns: 'one channel, a copy.',
    example: `import { toMono } from '@emo/dsp'\n\nconsole.log(Array.from(toMono([[1, 0], [0, 1]]))) // [0.5,0.5]`,
    picture: (x) => curves([dsp.toMono([x, x])], time, 'amplitude', 2),
  },
  functionals: {
    summary: 'Statistics of every feature over all frames.',
    formula:
      'mean, std, min, max, range, skewness, (excess) kurtosis, slope of the least-squares line, percentiles p0 to p100 (linear), as NumPy and SciPy',
    returns: '`[statistics, features]`.',
    example: `import { functionals, rms } from '@emo/dsp'\n\n${tone}\nconsole.log(functionals(rms(signal), ['mean', 'std', 'p90']).shape) // [3,1]`,
    picture: (x) =>
      heatmap(
        dsp.functionals(dsp.mfcc(x, { ...o, nMels: 40, nMfcc: 13 }), ['std', 'p10', 'p50', 'p90', 'range']),
        'std, p10, p50, p90, range',
        'coefficient',
        5,
      ),
  },
  extractFeatures: {
    summary: 'Several features side by side from one transform a frame; equal to `FeatureStream` for the same options.',
    formula: 'the columns of the features asked for, in order',
    returns: '`[frames, columns]`.',
    notes: 'The options are plain data: store them beside a model, so that serving computes what training did.',
    example: `import { extractFeatures } from '@emo/dsp'\n\n${tone}\nconst options = { sampleRate: 16000, nFft: 512, hopLength: 160, features: [{ name: 'mfcc', nMfcc: 13, nMels: 40 }, 'rms', 'zeroCrossingRate'] } as const\nconsole.log(extractFeatures(signal, options).shape) // [101,15]`,
    picture: (x) => heatmap(dsp.extractFeatures(x, { ...o, features: [{ name: 'logMelSpectrogram', nMels: 40 }] }), time, 'mel band', 2),
  },
  featureStream: {
    summary: '`FeatureStream`: chunks of any size in, feature frames out, equal to the batch result; bounded memory.',
    formula: 'as `extractFeatures`; a frame comes out as soon as its last sample is in',
    returns: '`push` and `flush`: `[frames, columns]`, or null for no frame.',
    example: `import { extractFeatures, FeatureStream } from '@emo/dsp'\n\n${tone}\nconst options = { sampleRate: 16000, nFft: 512, hopLength: 160, features: ['rms', 'spectralCentroid'] } as const\nconst stream = new FeatureStream(options)\nlet frames = 0\nfor (let at = 0; at < signal.length; at += 128) frames += stream.push(signal.subarray(at, at + 128))?.shape[0] ?? 0\nframes += stream.flush()?.shape[0] ?? 0\nconsole.log(frames === extractFeatures(signal, options).shape[0], stream.columns[1].start) // true 1`,
  },
  worklet: {
    summary:
      'An AudioWorklet processor that runs `FeatureStream` on the audio thread: `@emo/dsp/worklet`, one file without imports. It mixes to mono and resamples from the context to the rate of the features.',
    formula:
      '`await context.audioWorklet.addModule(new URL("@emo/dsp/worklet", import.meta.url))` in Vite and webpack; then `new AudioWorkletNode(context, featureProcessorName, { numberOfOutputs: 0, processorOptions: { features } })`, `features` being the options of `FeatureStream`',
    returns:
      "messages on `node.port`: `ready` (columns, width), `frames` (`data`, row-major `[frames, width]`), `error` (code, message); send `{ type: 'flush' }` or `{ type: 'stop' }`.",
    example: `import { featureProcessorName } from '@emo/dsp'\n\nconsole.log(featureProcessorName) // emo-features`,
  },
}
