// Threads that share the rows of one call. They park on a condition variable between calls (a spinning pool collapses
// when another process is busy), and rows are handed out in small chunks, so one busy core costs its share only.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include <atomic>
#include <vector>

namespace lowbit {

class ThreadPool {
 public:
  // The rows [begin, end) of one call; the results of all chunks are added up.
  typedef int32_t (*Chunk)(void* data, int32_t begin, int32_t end);

  // `threads` counts the calling thread. Fewer are used when the system grants no more: see threads().
  explicit ThreadPool(int threads);
  ~ThreadPool();

  int threads() const { return (int)workers_.size() + 1; }

  // Returns when every row is done. For one calling thread at a time.
  int32_t run(int32_t begin, int32_t end, Chunk chunk, void* data);

 private:
  ThreadPool(const ThreadPool&) = delete;
  static void* start(void* pool);
  void work();
  int32_t take_chunks();

  std::vector<pthread_t> workers_;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t wake_ = PTHREAD_COND_INITIALIZER;
  pthread_cond_t idle_ = PTHREAD_COND_INITIALIZER;
  uint64_t generation_ = 0;
  int active_ = 0;
  bool open_ = false;
  bool stopping_ = false;

  Chunk chunk_ = nullptr;
  void* data_ = nullptr;
  int32_t end_ = 0;
  int32_t smallest_ = 1;
  std::atomic<int32_t> next_{0};
  std::atomic<int32_t> result_{0};
};

}  // namespace lowbit
