import Foundation

/// What runs here.
enum About {
  /// The version of the C interface.
  static let interface: Int32 = 1

  #if MODELPARITY_STANDIN
    static let runtime = "stand-in"
  #else
    static let runtime = "Core ML"
  #endif

  static let system: String = {
    #if os(macOS)
      let name = "macOS"
    #elseif os(Linux)
      let name = "Linux"
    #else
      let name = "iOS"
    #endif
    let version = ProcessInfo.processInfo.operatingSystemVersion
    return "\(name) \(version.majorVersion).\(version.minorVersion).\(version.patchVersion)"
  }()

  /// Of the compiler.
  static let swift: String = {
    #if compiler(>=6.4)
      return "6.4 or later"
    #elseif compiler(>=6.3)
      return "6.3"
    #elseif compiler(>=6.2)
      return "6.2"
    #elseif compiler(>=6.1)
      return "6.1"
    #else
      return "6.0"
    #endif
  }()

  struct Report: Encodable {
    let runtime = About.runtime
    let system = About.system
    let swift = About.swift
    let interface = About.interface
  }
}

/// JSON with sorted keys.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
