import CoreML
import Foundation

/// A model that is open: Core ML's object, and what it says of itself.
///
/// Predictions of one model follow one another: Apple asks that an MLModel be used from one thread at a time.
final class OpenModel: @unchecked Sendable {
  let name: String
  let options: Options
  let inputs: [String: Feature]
  let outputs: [String: Feature]
  let states: [String: Feature]
  let compiled: URL
  /// Whether it may be a neural network whose arrays are declared without time and batch.
  let classic: Bool
  private let model: MLModel
  private let lock = NSLock()

  init(path: String, options: Options) throws {
    let artefact = try Artefact(path)
    let (model, compiled) = try Self.load(artefact, options)
    self.model = model
    self.compiled = compiled
    self.options = options
    name = artefact.name
    let description = model.modelDescription
    inputs = description.inputDescriptionsByName.mapValues(Feature.init)
    outputs = description.outputDescriptionsByName.mapValues(Feature.init)
    if #available(macOS 15, iOS 18, tvOS 18, watchOS 11, *) {
      states = description.stateDescriptionsByName.mapValues(Feature.init)
    } else {
      states = [:]
    }
    classic =
      artefact.kind == .file
      || FileManager.default.fileExists(atPath: compiled.appendingPathComponent("model.espresso.net").path)
    try checkFunction()
  }

  private static func load(_ artefact: Artefact, _ options: Options) throws -> (MLModel, URL) {
    func open(_ url: URL) throws -> MLModel {
      do {
        return try MLModel(contentsOf: url, configuration: try options.configuration())
      } catch {
        throw Failure(error, while: "'\(artefact.name)' does not load")
      }
    }
    guard artefact.kind != .compiled else { return (try open(artefact.url), artefact.url) }
    let cache = CompiledModels(folder: options.cache)
    let (url, kept) = try cache.compiled(artefact)
    do {
      return (try open(url), url)
    } catch {
      // What was kept may have lost a part: systems empty cache folders.
      guard kept else { throw error }
      cache.discard(url)
      let again = try cache.compiled(artefact).url
      return (try open(again), again)
    }
  }

  private func checkFunction() throws {
    guard let function = options.function else { return }
    let known = try functions()
    guard known.isEmpty || known.contains(function) else {
      throw Failure.invalid("'\(name)' has no function '\(function)'; it has \(listed(known))")
    }
  }

  /// Names of functions; none for a model that has but one, without a name, or on systems that do not tell.
  func functions() throws -> [String] {
    guard #available(macOS 15, iOS 18, tvOS 18, watchOS 11, *) else { return [] }
    let compiled = compiled
    return try waiting("the functions of '\(name)' are not known") {
      try await MLModelAsset(url: compiled).functionNames
    }
  }

  /// One prediction.
  func predict(_ inputs: [String: MLFeatureValue], state: KeptState?) throws -> any MLFeatureProvider {
    let features = try MLDictionaryFeatureProvider(dictionary: inputs)
    do {
      return try lock.withLock {
        guard let state else { return try model.prediction(from: features) }
        guard #available(macOS 15, iOS 18, tvOS 18, watchOS 11, *) else { throw KeptState.unsupported }
        return try model.prediction(from: features, using: state.current())
      }
    } catch {
      throw Failure(error, while: "'\(name)' gave no prediction")
    }
  }

  /// A state at its beginning.
  @available(macOS 15, iOS 18, tvOS 18, watchOS 11, *)
  func makeState() throws -> MLState {
    guard !states.isEmpty else { throw Failure.invalid("'\(name)' keeps no state; run it without one") }
    return lock.withLock { model.makeState() }
  }

  /// What the model says of who made it.
  func metadata() -> [MLModelMetadataKey: Any] { model.modelDescription.metadata }
}

/// What a model keeps between predictions.
final class KeptState: @unchecked Sendable {
  let model: OpenModel
  private let lock = NSLock()
  private var state: AnyObject

  static let unsupported = Failure.unsupported("models that keep a state need macOS 15 or iOS 18")

  init(_ model: OpenModel) throws {
    guard #available(macOS 15, iOS 18, tvOS 18, watchOS 11, *) else { throw Self.unsupported }
    self.model = model
    state = try model.makeState()
  }

  @available(macOS 15, iOS 18, tvOS 18, watchOS 11, *)
  func current() throws -> MLState {
    guard let state = lock.withLock({ state }) as? MLState else { throw Self.unsupported }
    return state
  }

  /// A new state takes the old one's place: Core ML has no way back.
  func reset() throws {
    guard #available(macOS 15, iOS 18, tvOS 18, watchOS 11, *) else { throw Self.unsupported }
    let fresh = try model.makeState()
    lock.withLock { state = fresh }
  }
}
