import Foundation
import ModelParityArrays
import Testing

@Suite struct AllowedShapesTests {
  @Test(
    arguments: [
      (1, 4, 4), (80, 1, 80), (3, 0, 3), (2, Int(Int32.max), nil), (1, Int.max, nil), (5, Int.max, nil), (1, -1, nil),
    ] as [(Int, Int, Int?)])
  func rangesOfSizes(location: Int, length: Int, greatest: Int?) {
    let sizes = AllowedShapes.sizes(NSRange(location: location, length: length))
    #expect(sizes.least == location)
    #expect(sizes.greatest == greatest)
  }

  @Test func oneShapeAndNoOther() {
    let allowed = AllowedShapes(shape: [2, 3])
    #expect(allowed.isFixed && allowed.contains([2, 3]))
    #expect(!allowed.contains([2]) && !allowed.contains([3, 2]) && !allowed.contains([]))
    #expect(AllowedShapes(shape: []).contains([7, 7]))
  }
}
