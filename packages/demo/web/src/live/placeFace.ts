import type { FaceBox } from '../../../src/prediction.ts'

/** Width and height. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** Where a face's box and label stand, and what there is room to say. */
export interface FacePlace {
  readonly box: Readonly<Record<string, string>>
  /** Moves a layer as large as the picture so that its upper left corner is where the label is fixed. */
  readonly label: Readonly<Record<string, string>>
  /** Which side of that point the label is on. */
  readonly side: string
  readonly says: 'all' | 'number' | 'face'
}

/** A label with the longest word, one with a number only, its height: pixels of the screen. */
const LABEL_WIDTH = 150
const NUMBER_WIDTH = 76
const LABEL_HEIGHT = 34

/**
 * Everything is moved by transforms: a face that moves is no change of layout. A label stays inside the picture and off the face: above it or, at the upper edge,
 * below it. Beside other faces it is no wider than its own.
 *
 * @param face - in pixels of `picture`; may reach beyond it
 * @param shown - size of the picture on the screen, pixels
 * @param faces - how many there are
 */
export function placeFace(face: FaceBox, picture: PictureSize, shown: PictureSize, faces: number): FacePlace {
  const left = Math.max(0, face.x) / picture.width
  const top = Math.max(0, face.y) / picture.height
  const right = Math.min(picture.width, face.x + face.width) / picture.width
  const bottom = Math.min(picture.height, face.y + face.height) / picture.height
  const [width, height] = [right - left, bottom - top]
  const room = width * shown.width
  const says = faces === 1 || room >= LABEL_WIDTH ? 'all' : room >= NUMBER_WIDTH ? 'number' : 'face'

  const centre = (left + right) / 2
  const half = LABEL_WIDTH / 2 / shown.width
  const [x, across] = centre < half ? [left, 'rightwards'] : centre > 1 - half ? [right, 'leftwards'] : [centre, 'centred']
  const above = top * shown.height >= LABEL_HEIGHT
  const below = (1 - bottom) * shown.height >= LABEL_HEIGHT
  const [y, along] = above ? [top, 'above'] : below ? [bottom, 'below'] : [bottom, 'above']
  return {
    box: {
      transform: `translate(${percent(left / width)}, ${percent(top / height)})`,
      width: percent(width),
      height: percent(height),
    },
    label: { transform: `translate(${percent(x)}, ${percent(y)})` },
    side: `${across} ${along}`,
    says,
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(3)}%`
}
