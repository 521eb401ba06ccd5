#include "thread_pool.h"

#include <chrono>

namespace lowbit {

// Enough chunks that a thread which loses its core for a while leaves its rows to the others.
constexpr int CHUNKS_PER_THREAD = 8;
// Waking a parked thread takes 5 to 50 µs: calls shorter than this finish sooner on the calling thread alone.
constexpr auto WORTH_WAKING = std::chrono::microseconds(20);

ThreadPool::ThreadPool(int threads) {
  for (int i = 1; i < threads; i++) workers_.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

int32_t ThreadPool::take_chunks() {
  int32_t sum = 0;
  for (;;) {
    const int64_t begin = next_.fetch_add(size_, std::memory_order_relaxed);
    if (begin >= end_) return sum;
    const int64_t end = begin + size_;
    sum += chunk_(data_, (int32_t)begin, end < end_ ? (int32_t)end : end_);
  }
}

void ThreadPool::work() {
  uint64_t seen = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || generation_ != seen; });
    if (stopping_) return;
    seen = generation_;
    if (!open_) continue;  // woken too late: the call is over
    active_++;
    lock.unlock();
    const int32_t sum = take_chunks();
    result_.fetch_add(sum, std::memory_order_relaxed);
    lock.lock();
    if (--active_ == 0) idle_.notify_one();
  }
}

int32_t ThreadPool::run(int32_t begin, int32_t end, Chunk chunk, void* data) {
  const int64_t rows = (int64_t)end - begin;
  if (rows <= 0) return 0;
  const int64_t chunks = (int64_t)(workers_.size() + 1) * CHUNKS_PER_THREAD;
  const int32_t size = (int32_t)((rows + chunks - 1) / chunks);
  if (workers_.empty() || rows <= size) return chunk(data, begin, end);

  const auto start = std::chrono::steady_clock::now();
  int32_t sum = chunk(data, begin, begin + size);
  const auto expected = (std::chrono::steady_clock::now() - start) * ((rows - 1) / size);
  if (expected < WORTH_WAKING) return sum + chunk(data, begin + size, end);

  {
    std::lock_guard<std::mutex> lock(mutex_);
    chunk_ = chunk;
    data_ = data;
    end_ = end;
    size_ = size;
    next_.store((int64_t)begin + size, std::memory_order_relaxed);
    result_.store(0, std::memory_order_relaxed);
    open_ = true;
    generation_++;
  }
  wake_.notify_all();
  sum += take_chunks();
  std::unique_lock<std::mutex> lock(mutex_);
  open_ = false;
  idle_.wait(lock, [&] { return active_ == 0; });
  return sum + result_.load(std::memory_order_relaxed);
}

}  // namespace lowbit
