import ModelParityArrays

/// An array of numbers: an input or an output of a model. Dense, in C order, little endian.
public struct Tensor: Sendable, Equatable {
  /// The types of elements that a golden may hold.
  public enum Element: String, Sendable, CaseIterable {
    case float64, float32, float16, int64, int32, int16, int8, uint64, uint32, uint16, uint8, bool

    /// Bytes of one element.
    public var size: Int {
      switch self {
      case .float64, .int64, .uint64: 8
      case .float32, .int32, .uint32: 4
      case .float16, .int16, .uint16: 2
      case .int8, .uint8, .bool: 1
      }
    }

    /// Whether elements have fractions.
    public var isFloat: Bool { self == .float64 || self == .float32 || self == .float16 }

    /// The largest finite number, of the types with fractions.
    var greatest: Double {
      switch self {
      case .float16: 65504
      case .float32: Double(Float.greatestFiniteMagnitude)
      default: Double.greatestFiniteMagnitude
      }
    }
  }

  public let element: Element
  public let shape: [Int]
  /// The elements one after the other.
  public let bytes: [UInt8]

  public var count: Int { bytes.count / element.size }

  /// nil if the bytes are not as many as the shape and the type say, or a size is negative.
  public init?(_ element: Element, shape: [Int], bytes: [UInt8]) {
    guard Self.size(element, shape) == bytes.count else { return nil }
    self.element = element
    self.shape = shape
    self.bytes = bytes
  }

  /// Numbers in C order.
  public init?(shape: [Int], _ numbers: [Float]) {
    self.init(.float32, shape: shape, bytes: numbers.withUnsafeBytes { Array($0) })
  }

  /// The bytes that a shape takes; nil if there is no such shape.
  static func size(_ element: Element, _ shape: [Int]) -> Int? {
    var total = element.size
    // Zeros first: an empty array is small however long its other axes are.
    if shape.contains(where: { $0 < 0 }) { return nil }
    if shape.contains(0) { return 0 }
    for size in shape {
      let (product, overflow) = total.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      total = product
    }
    return total
  }

  /// Every element as a double; whole numbers beyond 2^53 to the nearest one.
  public var doubles: [Double] {
    bytes.withUnsafeBytes { raw in
      switch element {
      case .float64: elements(raw, UInt64.self) { Double(bitPattern: $0) }
      case .float32: elements(raw, UInt32.self) { Double(Float(bitPattern: $0)) }
      case .float16: elements(raw, UInt16.self) { Double(Half.widened($0)) }
      case .int64: elements(raw, Int64.self) { Double($0) }
      case .int32: elements(raw, Int32.self) { Double($0) }
      case .int16: elements(raw, Int16.self) { Double($0) }
      case .int8: elements(raw, Int8.self) { Double($0) }
      case .uint64: elements(raw, UInt64.self) { Double($0) }
      case .uint32: elements(raw, UInt32.self) { Double($0) }
      case .uint16: elements(raw, UInt16.self) { Double($0) }
      case .uint8: elements(raw, UInt8.self) { Double($0) }
      case .bool: elements(raw, UInt8.self) { $0 == 0 ? 0 : 1 }
      }
    }
  }

  /// Every element of a type without fractions, exactly; of the largest type their bits.
  var wholes: [Int64] {
    bytes.withUnsafeBytes { raw in
      switch element {
      case .int64: elements(raw, Int64.self) { $0 }
      case .uint64: elements(raw, UInt64.self) { Int64(bitPattern: $0) }
      default: doubles.map { Int64($0) }
      }
    }
  }

  private func elements<Raw: FixedWidthInteger, Result>(
    _ raw: UnsafeRawBufferPointer, _ type: Raw.Type, _ convert: (Raw) -> Result
  ) -> [Result] {
    (0..<count).map {
      convert(Raw(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Raw>.size, as: Raw.self)))
    }
  }
}

extension Tensor.Element {
  /// A number as this type holds it best, as a double; whole types are given what they hold already.
  package func stored(_ value: Double) -> Double {
    switch self {
    case .float32: Double(Float(value))
    case .float16: Double(Half.widened(Half.narrowed(value)))
    default: value
    }
  }
}

extension Half {
  /// The float16 nearest to a double, rounded once: over a float32 whose last bit remembers what was cut off.
  static func narrowed(_ value: Double) -> UInt16 {
    var near = Float(value)
    guard value.isFinite, Double(near) != value else { return narrowed(near) }
    if near.isInfinite { return narrowed(near) }
    if Double(near).magnitude > value.magnitude { near = Float(bitPattern: near.bitPattern - 1) }
    return narrowed(Float(bitPattern: near.bitPattern | 1))
  }
}
