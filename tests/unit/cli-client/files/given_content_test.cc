#include "cli-client/files/given_content.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <thread>

#include "tests/unit/cli-client/files/transfer.h"

namespace parley::client {
namespace {

// Sends it as a file, and gives what has come of it.
std::string sent(tl::expected<Descriptor, std::string> content, const std::string& name) {
  EXPECT_TRUE(content) << content.error();
  ScratchFolder to;
  SourceTree tree;
  auto source = source_of(std::move(*content), name);
  EXPECT_TRUE(source) << source.error();
  tree.sources.push_back(std::move(*source));
  Transfer transfer(to);
  transfer.sender.emplace();
  transfer.sender->add(tree);
  transfer.run();
  EXPECT_EQ(Transfer::count(transfer.received, FileEvent::Kind::done), 1U) << Transfer::reasons(transfer.received);
  return to.read(name);
}

TEST(GivenContent, ATextIsSentAsAFile) {
  EXPECT_EQ(sent(content_of(std::string_view("words")), "text.txt"), "words");
  EXPECT_EQ(sent(content_of(std::string_view("")), "text.txt"), "");
}

TEST(GivenContent, WhatAPipeHasIsReadToItsEnd) {
  const std::string bytes = noise(300'000);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  std::thread writer([&] {
    EXPECT_EQ(::write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    ::close(ends[1]);
  });
  auto content = content_of(ends[0]);
  writer.join();
  ::close(ends[0]);
  struct stat kept{};
  ASSERT_EQ(::fstat(content->get(), &kept), 0);
  EXPECT_EQ(kept.st_mode & 07777, 0600U);
  EXPECT_EQ(kept.st_nlink, 0U) << "it has no name";
  EXPECT_NE(::fcntl(content->get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_EQ(sent(std::move(content), "db.sql"), bytes);
}

TEST(GivenContent, AFileNeedsNoCopy) {
  ScratchFolder from;
  from.write("a", noise(100));
  const Descriptor file(::open(from.path("a").c_str(), O_RDONLY));
  const char* before = std::getenv("TMPDIR");
  const std::string folder = before == nullptr ? "" : before;
  ASSERT_EQ(::setenv("TMPDIR", "/nowhere", 1), 0);
  auto whole = content_of(file.get());
  ::lseek(file.get(), 50, SEEK_SET);
  const auto rest = content_of(file.get());
  folder.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", folder.c_str(), 1);
  EXPECT_EQ(sent(std::move(whole), "b"), from.read("a"));
  EXPECT_THAT(rest.error(), testing::StartsWith("standard input cannot be kept in /nowhere: "));
  EXPECT_EQ(sent(content_of(file.get()), "b"), from.read("a").substr(50)) << "from where it is";
}

TEST(GivenContent, ANameIsOneOfAFile) {
  for (const char* name : {"", "a/b", "..", "/"}) {
    EXPECT_FALSE(source_of(std::move(*content_of(std::string_view("x"))), name)) << name;
  }
}

TEST(Holes, StayHoles) {
  ScratchFolder from, to;
  constexpr off_t kHole = off_t{1} * 1024 * 1024;
  from.write("image", "front");
  ASSERT_EQ(::truncate(from.path("image").c_str(), kHole), 0);
  std::ofstream(from.path("image"), std::ios::app) << "end";
  from.write("zeros", std::string(kHole, '\0'));
  const auto blocks = [](const std::string& path) {
    struct stat status{};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_blocks;
  };
  if (blocks(from.path("image")) * 512 >= kHole) GTEST_SKIP() << "the file system makes no holes";
  Transfer transfer(to);
  transfer.send({from.path("image"), from.path("zeros")});
  transfer.run();
  EXPECT_EQ(to.all(), from.all());
  EXPECT_LT(blocks(to.path("image")) * 512, 100'000);
  EXPECT_GE(blocks(to.path("zeros")) * 512, kHole) << "what has none gets none";
}

TEST(Times, AreKeptOnlyWhenTheyAreTold) {
  ScratchFolder from, to;
  from.write("a", "text");
  const timespec then[] = {{0, UTIME_OMIT}, {1'000'000'000, 123'456'789}};
  ASSERT_EQ(::utimensat(AT_FDCWD, from.path("a").c_str(), then, 0), 0);
  for (const bool told : {false, true}) {
    Transfer transfer(to);
    transfer.send({from.path("a")});
    transfer.sender.emplace(told);
    transfer.sender->add(find_sources({from.path("a")}));
    transfer.run();
    struct stat status{};
    ASSERT_EQ(::stat(to.path("a").c_str(), &status), 0);
    EXPECT_EQ(status.st_mtim.tv_sec == 1'000'000'000 && status.st_mtim.tv_nsec == 123'000'000, told);
    std::filesystem::remove(to.path("a"));
  }
}

TEST(Links, AFolderIsFoundByALinkThatEndsInASlash) {
  ScratchFolder from, to;
  from.write("real/in/a", "text");
  std::filesystem::create_directory_symlink("real", from.path("link"));
  std::filesystem::create_symlink("real/in/a", from.path("file"));
  EXPECT_THAT(find_sources({from.path("link")}).error,
              testing::EndsWith("is a link; name what it leads to, or add a slash"));
  EXPECT_THAT(find_sources({from.path("file")}).error, testing::EndsWith("is a link; name what it leads to"));
  EXPECT_NE(find_sources({from.path("file") + "/"}).error, "");
  Transfer transfer(to);
  transfer.send({from.path("link") + "/"});
  transfer.run();
  EXPECT_EQ(to.all(), (std::map<std::string, std::string>{{"link/", ""}, {"link/in/", ""}, {"link/in/a", "text"}}));
  for (const FileEvent& event : transfer.sent) EXPECT_EQ(event.other_name, "") << event.name;
}

}  // namespace
}  // namespace parley::client
