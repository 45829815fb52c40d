#include "catchup/graph.h"

#include <catch2/catch.hpp>
#include <set>

using plumbline::Graph;

TEST_CASE("what has to come first comes first, and else the smaller number") {
  Graph graph(4);
  graph.add(3, 0);
  graph.add(0, 1);
  CHECK(graph.sorted().nodes == std::vector<std::size_t>{2, 3, 0, 1});
}

TEST_CASE("a cycle is told, and only its members") {
  Graph graph(4);
  graph.add(0, 1);
  graph.add(1, 2);
  graph.add(2, 1);
  graph.add(2, 3);
  const auto cycle = graph.sorted().cycle;
  CHECK(std::set<std::size_t>(cycle.begin(), cycle.end()) == std::set<std::size_t>{1, 2});
}

TEST_CASE("weak edges are given up where they close a cycle") {
  Graph graph(2);
  graph.add(1, 0);
  CHECK(graph.sorted().nodes == std::vector<std::size_t>{1, 0});
  graph.add_weak(0, 1);
  CHECK(graph.sorted().nodes == std::vector<std::size_t>{1, 0});
}

TEST_CASE("a thing may be said to come before itself, which means nothing") {
  Graph graph(1);
  graph.add(0, 0);
  CHECK(graph.sorted().cycle.empty());
}
