// A part of the page that has to know how wide it is: it is drawn anew when its width changes.
import {Component, h} from 'preact';

/** Gives `render(width)` the width it has, again whenever that changes. */
export class Width extends Component {
  componentDidMount() {
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(this.element);
    this.measure();
  }

  componentWillUnmount() {
    this.observer.disconnect();
  }

  measure() {
    const width = Math.floor(this.element.clientWidth);
    if (width !== this.state.width) {
      this.setState({width});
    }
  }

  render({className, draw}, {width}) {
    return <div class={className} ref={(element) => { this.element = element; }}>
      {width ? draw(width) : null}
    </div>;
  }
}
