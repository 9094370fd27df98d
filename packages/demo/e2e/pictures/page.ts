// One photograph as everything that a browser draws, and what the face model answers to each.
import { FaceEmotionModel, type DetectedEmotion, type FacePrediction, type ImageInput } from '@emo/face-model'
import photograph from '../../../face-model/src/__tests__/photos/astronaut.png'

/** What the page leaves in `globalThis.answer`. */
export interface PictureAnswers {
  /** For each kind of picture: the face in it, and the emotion of the face cut out. */
  readonly kinds: Readonly<Record<string, { readonly detected: readonly DetectedEmotion[]; readonly predicted: FacePrediction }>>
  /** Codes of the errors for pictures that cannot be read. */
  readonly refused: Readonly<Record<string, string>>
}

/** Where the face is cut out for `predict`; the same as in the test. */
const face = { x: 161, y: 77, width: 124, height: 116 }

function canvasOf(image: CanvasImageSource, { x, y, width, height }: typeof face): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  context2d(canvas).drawImage(image, x, y, width, height, 0, 0, width, height)
  return canvas
}

function context2d(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('no 2D canvas')
  return context
}

async function imageElement(source: string): Promise<HTMLImageElement> {
  const image = new Image()
  image.src = source
  await image.decode()
  return image
}

/** A canvas that draws with WebGL: it has no 2D context to read. */
function webglCanvas(source: HTMLCanvasElement): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width: source.width, height: source.height })
  const gl = canvas.getContext('webgl2', { preserveDrawingBuffer: true, antialias: false })
  if (gl === null) throw new Error('no WebGL')
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture())
  gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, true)
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, source)
  // One texture copied into the drawing buffer, without a shader.
  gl.bindFramebuffer(gl.READ_FRAMEBUFFER, gl.createFramebuffer())
  gl.framebufferTexture2D(
    gl.READ_FRAMEBUFFER,
    gl.COLOR_ATTACHMENT0,
    gl.TEXTURE_2D,
    gl.getParameter(gl.TEXTURE_BINDING_2D) as WebGLTexture,
    0,
  )
  gl.blitFramebuffer(0, 0, source.width, source.height, 0, 0, source.width, source.height, gl.COLOR_BUFFER_BIT, gl.NEAREST)
  return canvas
}

/** A video that shows a canvas. */
async function videoOf(canvas: HTMLCanvasElement): Promise<HTMLVideoElement> {
  const video = Object.assign(document.createElement('video'), { muted: true, srcObject: canvas.captureStream(10) })
  // A frame is captured when something is drawn.
  const redraw = setInterval(() => {
    context2d(canvas).drawImage(canvas, 0, 0)
  }, 50)
  await video.play()
  clearInterval(redraw)
  return video
}

const makers: Record<string, (canvas: HTMLCanvasElement) => ImageInput | Promise<ImageInput>> = {
  ImageData: (canvas) => context2d(canvas).getImageData(0, 0, canvas.width, canvas.height),
  '{ data, width, height, channels }': (canvas) => {
    const { data } = context2d(canvas).getImageData(0, 0, canvas.width, canvas.height)
    return { data: data.filter((_, index) => index % 4 !== 3), width: canvas.width, height: canvas.height, channels: 3 }
  },
  canvas: (canvas) => canvas,
  'canvas with WebGL': webglCanvas,
  OffscreenCanvas: (canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height)
    copy.getContext('2d')?.drawImage(canvas, 0, 0)
    return copy
  },
  ImageBitmap: (canvas) => createImageBitmap(canvas),
  img: (canvas) => imageElement(canvas.toDataURL('image/png')),
  'img shown smaller': async (canvas) => {
    const image = await imageElement(canvas.toDataURL('image/png'))
    image.width = 40
    document.body.append(image)
    return image
  },
  video: videoOf,
}

async function run(): Promise<PictureAnswers> {
  const model = await FaceEmotionModel.load({ detector: { minFaceSize: 48 } })
  const image = await imageElement(photograph)
  const whole = canvasOf(image, { x: 0, y: 0, width: image.naturalWidth, height: image.naturalHeight })
  const cut = canvasOf(image, face)
  const kinds: Record<string, PictureAnswers['kinds'][string]> = {}
  for (const [name, make] of Object.entries(makers)) {
    kinds[name] = { detected: model.detect(await make(whole)), predicted: model.predict(await make(cut)) }
  }

  const closed = await createImageBitmap(cut)
  closed.close()
  const foreign = new Image()
  // The same server under its other name is another origin.
  foreign.src = new URL(photograph, location.href.replace('127.0.0.1', 'localhost')).href
  await foreign.decode()
  const unreadable: Record<string, ImageInput> = {
    'img without a source': new Image(),
    'video without a source': document.createElement('video'),
    'canvas without pixels': Object.assign(document.createElement('canvas'), { width: 0, height: 0 }),
    'ImageBitmap that is closed': closed,
    'img of another site': foreign,
    'canvas with a picture of another site': canvasOf(foreign, face),
  }
  const refused: Record<string, string> = {}
  for (const [name, picture] of Object.entries(unreadable)) {
    try {
      model.predict(picture)
      refused[name] = 'answered'
    } catch (error) {
      refused[name] = (error as { code?: string }).code ?? String(error)
    }
  }
  model.dispose()
  return { kinds, refused }
}

run().then(
  (answer) => Object.assign(globalThis, { answer: { answer } }),
  (error: unknown) => Object.assign(globalThis, { answer: { error: String((error as Error).stack ?? error) } }),
)
