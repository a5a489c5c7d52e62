// swift-tools-version: 6.0

import PackageDescription

/// Apple's Core ML is a system framework on Apple platforms. On Linux a stand-in of the part that is used takes its
/// name, so that every line is compiled and run there too.
#if os(Linux)
  let standIn: [Target] = [
    .target(name: "CoreML", path: "swift/Sources/CoreML"),
    .target(name: "GoldenEcho", dependencies: ["CoreML", "ModelParityTesting"], path: "swift/Tests/GoldenEcho"),
    .testTarget(
      name: "CoreMLStandInTests", dependencies: ["CoreML", "ModelParityArrays"],
      path: "swift/Tests/CoreMLStandInTests"),
    .testTarget(
      name: "ModelParityBridgeTests",
      dependencies: ["CoreML", "CModelParity", "ModelParityArrays", "ModelParityBridge"],
      path: "swift/Tests/ModelParityBridgeTests"),
  ]
  let coreML: [Target.Dependency] = ["CoreML"]
  let evaluators: [Target.Dependency] = ["GoldenEcho"]
#else
  let standIn: [Target] = []
  let coreML: [Target.Dependency] = []
  let evaluators: [Target.Dependency] = []
#endif

let package = Package(
  name: "modelparity",
  platforms: [.macOS(.v13), .iOS(.v16)],
  products: [
    .library(name: "ModelParityBridge", type: .dynamic, targets: ["ModelParityBridge"]),
    .library(name: "ModelParityTesting", targets: ["ModelParityTesting"]),
  ],
  targets: [
    .target(name: "CModelParity", path: "swift/Sources/CModelParity"),
    .target(name: "ModelParityArrays", dependencies: coreML, path: "swift/Sources/ModelParityArrays"),
    .target(
      name: "ModelParityBridge", dependencies: coreML + ["CModelParity", "ModelParityArrays"],
      path: "swift/Sources/ModelParityBridge",
      swiftSettings: [.define("MODELPARITY_STANDIN", .when(platforms: [.linux]))]),
    .target(
      name: "ModelParityTesting", dependencies: coreML + ["ModelParityArrays"],
      path: "swift/Sources/ModelParityTesting"),
    .testTarget(
      name: "ModelParityArraysTests", dependencies: coreML + ["ModelParityArrays"],
      path: "swift/Tests/ModelParityArraysTests"),
    .testTarget(
      name: "ModelParityBridgeEdgeTests", dependencies: ["CModelParity", "ModelParityBridge"],
      path: "swift/Tests/ModelParityBridgeEdgeTests"),
    .testTarget(
      name: "ModelParityTestingTests", dependencies: coreML + evaluators + ["ModelParityTesting"],
      path: "swift/Tests/ModelParityTestingTests"),
    .testTarget(
      name: "CoreMLTests",
      dependencies: coreML + evaluators + ["CModelParity", "ModelParityBridge", "ModelParityTesting"],
      path: "swift/Tests/CoreMLTests"),
    .testTarget(
      name: "BundleTests", dependencies: coreML + evaluators + ["ModelParityTesting"],
      path: "swift/Tests/BundleTests"),
    // What Python's tests hold their own verdicts against; no product.
    .executableTarget(name: "ModelParityJudge", dependencies: ["ModelParityTesting"], path: "swift/Tests/Judge"),
  ] + standIn,
  swiftLanguageModes: [.v6]
)
