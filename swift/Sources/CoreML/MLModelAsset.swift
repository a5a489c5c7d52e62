import Foundation

/// A compiled model that is not loaded. macOS 13, iOS 16; with a URL: macOS 15, iOS 18.
open class MLModelAsset: NSObject {
  private let path: String
  private let scope: StandInScope

  public init(url compiledModelURL: URL) throws {
    path = try CompiledFolder(compiledModelURL).model
    scope = StandInScope.current
  }

  /// Empty for a model that has but one function without a name. macOS 15, iOS 18.
  public var functionNames: [String] {
    get async throws { try scope.registered().describe(path: path, function: nil).functions }
  }
}
