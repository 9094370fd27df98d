import { describe, expect, it } from 'vitest'
import { placeFace } from '../placeFace.ts'

const PICTURE = { width: 640, height: 480 }
const PHONE = { width: 343, height: 257 }

describe('placeFace', () => {
  it('fixes the label above the middle of a face in the middle', () => {
    const place = placeFace({ x: 240, y: 160, width: 160, height: 160 }, PICTURE, PHONE, 1)
    expect(place.label.transform).toBe('translate(50.000%, 33.333%)')
    expect(place).toMatchObject({ side: 'centred above', says: 'all' })
    expect(place.box.transform).toBe('translate(150.000%, 100.000%)')
  })

  it('keeps the label inside the picture at its sides', () => {
    expect(placeFace({ x: 10, y: 160, width: 80, height: 80 }, PICTURE, PHONE, 1).side).toBe('rightwards above')
    expect(placeFace({ x: 550, y: 160, width: 80, height: 80 }, PICTURE, PHONE, 1).side).toBe('leftwards above')
  })

  it('stands below a face at the upper edge, not over its eyes', () => {
    expect(placeFace({ x: 240, y: 20, width: 160, height: 160 }, PICTURE, PHONE, 1).side).toBe('centred below')
  })

  it('stands over the chin of a face that fills the picture', () => {
    const place = placeFace({ x: 100, y: -20, width: 440, height: 540 }, PICTURE, PHONE, 1)
    expect(place.side).toBe('centred above')
    expect(place.label.transform).toBe('translate(50.000%, 100.000%)')
  })

  it('says beside other faces what fits its own', () => {
    const says = (width: number, shown = PHONE) => placeFace({ x: 100, y: 160, width, height: width }, PICTURE, shown, 2).says
    expect(says(60)).toBe('face')
    expect(says(160)).toBe('number')
    expect(says(160, { width: 640, height: 480 })).toBe('all')
  })
})
