import { models } from '../workers/modelClient.ts'
import { analyzeVideo } from './analyzeVideo.ts'
import { decodeWithBrowser } from './decodeWithBrowser.ts'
import type { FileAnalysis, FileItem } from './fileStore.ts'
import { turns } from './turns.ts'

/**
 * Judges a file when it is its turn; nothing of it is read before.
 *
 * @param decodable - Emo has a decoder for it
 */
export async function analyzeFile(file: File, item: FileItem, decodable: boolean): Promise<FileAnalysis> {
  const { signal } = item.removal
  const working = (done?: number): void => {
    if (!signal.aborted) item.state.value = { phase: 'working', done }
  }
  if (item.kind.value === 'image') {
    return turns.face.take(async () => {
      working()
      const bytes = await file.arrayBuffer()
      return models.face.request('analyzeImage', { bytes }, [bytes])
    }, signal)
  }
  if (item.kind.value === 'video') {
    const film = await turns.face.take(() => {
      working()
      return analyzeVideo(file, item.url, working, signal)
    }, signal)
    if (film) return film
    // What browsers and telephones record of a voice alone is called a film, too.
    item.kind.value = 'audio'
    item.state.value = { phase: 'waiting' }
  }
  return turns.speech.take(async () => {
    working()
    const bytes = await file.arrayBuffer()
    if (decodable) return models.speech.request('analyzeAudio', { bytes }, [bytes], working)
    const audio = await decodeWithBrowser(bytes)
    return models.speech.request('analyzeAudio', audio, [audio.samples.buffer], working)
  }, signal)
}
